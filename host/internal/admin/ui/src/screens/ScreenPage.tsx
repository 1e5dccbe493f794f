import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Navigate, useParams } from 'react-router';
import { may, type Screen, vocabulary } from '../api';
import { useTexts } from '../i18n';
import { Empty, Loading, Page, Trouble } from '../parts';
import { useMe, useScreens, viewOf } from '../session';
import { ActionView } from './ActionView';
import { FormView } from './FormView';
import { TableView } from './TableView';

/** One screen of an app. */
export function ScreenPage() {
  const { t } = useTexts();
  const { app, screen } = useParams();
  const screens = useScreens();
  const owner = screens.data?.items.find((o) => o.app === app);
  const found = owner?.screens.find((s) => s.id === screen);
  useEvents(found);
  if (screens.isError) return <Trouble error={screens.error} retry={() => void screens.refetch()} />;
  if (screens.isLoading) return <Loading />;
  if (!owner || !found) {
    return (
      <Page title={t('not_found')}>
        <Empty text={t('not_found')} />
      </Page>
    );
  }
  const view = viewOf(owner, found);
  const key = `${owner.app}/${found.id}`;
  if ((found.v ?? 1) > vocabulary || !['table', 'form', 'action'].includes(found.kind)) return <TableView key={key} view={view} asIs />;
  if (found.source?.settings) return <Navigate to={`/apps/${owner.app}/settings`} replace />;
  if (found.kind === 'form') return <FormView key={key} view={view} />;
  if (found.kind === 'action') return <ActionView key={key} view={view} />;
  return <TableView key={key} view={view} />;
}

/** Loads a view again when one of its events happens, for those who may read the
 * log. Others see it when they come back to the window. */
function useEvents(screen: Screen | undefined): void {
  const client = useQueryClient();
  const me = useMe();
  const types = screen?.refresh?.join(',') ?? '';
  const allowed = may(me, 'host.events');
  useEffect(() => {
    if (types === '' || !allowed) return;
    const source = new EventSource(`/v1/host/events/stream?types=${encodeURIComponent(types)}`);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stale = () => {
      clearTimeout(timer); // a burst of events is one reload
      timer = setTimeout(() => void client.invalidateQueries({ queryKey: ['view'] }), 300);
    };
    source.onmessage = stale;
    for (const type of types.split(',')) source.addEventListener(type, stale);
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [types, allowed, client]);
}
