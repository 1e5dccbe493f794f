import { Alert, Button, Stack } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { ask, type Job, may, Problem, type Settings } from '../api';
import { Form } from '../form/Form';
import { useTexts } from '../i18n';
import { Loading, Page, Trouble } from '../parts';
import { resolve } from '../schema';
import { useApps, useMe, useScreens } from '../session';
import type { Values } from '../values';

/** What an app lets the retailer decide, with the app's own labels if it has a
 * view for it. */
export function SettingsPage() {
  const { t, of } = useTexts();
  const { id = '' } = useParams();
  const me = useMe();
  const screens = useScreens();
  const apps = useApps(may(me, 'host.apps'));
  const client = useQueryClient();
  const go = useNavigate();
  const [stale, setStale] = useState(false);
  const [round, setRound] = useState(0);
  const settings = useQuery({ queryKey: ['settings', id], queryFn: ({ signal }) => ask<Settings>(`/host/apps/${id}/settings`, { signal }), gcTime: 0, staleTime: Infinity });
  const owner = screens.data?.items.find((o) => o.app === id);
  const view = owner?.screens.find((s) => s.source?.settings);
  const name = of(owner?.name ?? apps.data?.find((a) => a.id === id)?.name) || id;

  const save = async (value: Values, key: string) => {
    const etag = settings.data?.etag ?? '';
    try {
      const job = await ask<Job>(`/host/apps/${id}/settings`, { method: 'PUT', body: { values: settled(value, settings.data) }, ifMatch: `"${etag}"`, key });
      await client.invalidateQueries({ queryKey: ['settings', id] });
      void go(`/jobs/${job.id}`);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 412) throw error;
      setStale(true);
    }
  };
  const again = async () => {
    await settings.refetch();
    setStale(false);
    setRound(round + 1);
  };
  return (
    <Page title={(view && of(view.title)) || t('settings.title', { name })} intro={of(view?.help)}>
      {settings.isError && <Trouble error={settings.error} retry={() => void settings.refetch()} />}
      {(settings.isLoading || screens.isLoading) && <Loading />}
      {stale && (
        <Alert color="yellow" variant="outline" role="alert">
          <Stack align="flex-start">
            {t('settings.stale')}
            <Button size="xs" variant="default" onClick={() => void again()}>
              {t('reload')}
            </Button>
          </Stack>
        </Alert>
      )}
      {settings.data && !screens.isLoading && (
        <div className="card">
          <Form key={round} schema={settings.data.schema} types={settings.data.types ?? {}} initial={settings.data.values} fields={view?.fields} prefix="/values" submit={t('save')} onSubmit={save} />
        </div>
      )}
    </Page>
  );
}

/** What is sent: a secret that nobody touched is left out. */
function settled(value: Values, settings: Settings | undefined): Values {
  const properties = settings ? (resolve(settings.schema, settings.types ?? {}).properties ?? {}) : {};
  return Object.fromEntries(Object.entries(value).filter(([name, v]) => properties[name]?.format !== 'secret' || typeof v === 'string' || v === null));
}
