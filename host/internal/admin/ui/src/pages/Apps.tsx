import { Button, Group, Stack, Text as Line, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { all, type App, may, type Module } from '../api';
import { useTexts } from '../i18n';
import { Empty, Loading, Page, StateBadge, Trouble } from '../parts';
import { useApps, useMe } from '../session';

export function planAddress(action: string, id: string): string {
  return `/apps/${id}/plan?action=${action}`;
}

export function Apps() {
  const { t } = useTexts();
  const apps = useApps();
  const modules = useQuery({ queryKey: ['modules'], queryFn: () => all<Module>('/host/modules') });
  const trouble = apps.error ?? modules.error;
  const known = new Set(apps.data?.map((a) => a.id));
  // The newest of each comes first.
  const fresh = (modules.data ?? []).filter((m, i, list) => !known.has(m.id) && list.findIndex((o) => o.id === m.id) === i);
  return (
    <Page title={t('apps.title')} intro={t('apps.intro')}>
      {trouble !== null && (
        <Trouble
          error={trouble}
          retry={() => {
            void apps.refetch();
            void modules.refetch();
          }}
        />
      )}
      {(apps.isLoading || modules.isLoading) && <Loading />}
      {apps.data && (
        <section aria-labelledby="enabled">
          <Title order={2} size="h4" id="enabled" mb="sm">
            {t('apps.enabled')}
          </Title>
          {apps.data.length === 0 ? (
            <Empty />
          ) : (
            <ul className="cards">
              {apps.data.map((a) => (
                <AppCard key={a.id} app={a} />
              ))}
            </ul>
          )}
        </section>
      )}
      {modules.data && apps.data && (
        <section aria-labelledby="available">
          <Title order={2} size="h4" id="available" mb="sm">
            {t('apps.available')}
          </Title>
          {fresh.length === 0 ? (
            <Empty text={t('apps.none_available')} />
          ) : (
            <ul className="cards">
              {fresh.map((m) => (
                <ModuleCard key={m.id} module={m} />
              ))}
            </ul>
          )}
        </section>
      )}
    </Page>
  );
}

function AppCard({ app }: { app: App }) {
  const { t, of } = useTexts();
  const me = useMe();
  const name = of(app.name) || app.id;
  const key = `state.${app.state}`;
  const state = t(key as 'state.enabled');
  const running = ['enabled', 'degraded', 'failed'].includes(app.state);
  return (
    <li className="card" data-app={app.id}>
      <Stack gap="xs" style={{ flex: 1 }}>
        <Group justify="space-between" wrap="nowrap">
          <Title order={3} size="h5">
            {name}
          </Title>
          <StateBadge state={app.state} text={state === key ? app.state : state} />
        </Group>
        <Line size="sm">{of(app.summary)}</Line>
        {app.reason && (
          <Line size="sm" c="var(--mantine-color-error)">
            {app.reason}
          </Line>
        )}
        <Line size="xs" c="dimmed">
          {t('apps.version', { version: app.version, vendor: app.vendor })}
        </Line>
        <Group gap="xs" mt="auto">
          {app.job && (
            <Button component={Link} to={`/jobs/${app.job}`} size="xs" variant="default" aria-label={`${t('apps.job')}: ${name}`}>
              {t('apps.job')}
            </Button>
          )}
          {app.settings && may(me, 'host.settings') && (
            <Button component={Link} to={`/apps/${app.id}/settings`} size="xs" variant="default" aria-label={`${t('apps.settings')}: ${name}`}>
              {t('apps.settings')}
            </Button>
          )}
          {!app.job && app.newest && (
            <Button component={Link} to={planAddress('upgrade', app.id)} size="xs" aria-label={`${t('apps.upgrade', { version: app.newest })}: ${name}`}>
              {t('apps.upgrade', { version: app.newest })}
            </Button>
          )}
          {!app.job && running && (
            <Button component={Link} to={planAddress('disable', app.id)} size="xs" variant="default" aria-label={`${t('apps.disable')}: ${name}`}>
              {t('apps.disable')}
            </Button>
          )}
          {!app.job && (app.state === 'disabled' || app.state === 'installed') && (
            <Button component={Link} to={planAddress('enable', app.id)} size="xs" aria-label={`${t('apps.enable')}: ${name}`}>
              {t('apps.enable')}
            </Button>
          )}
        </Group>
      </Stack>
    </li>
  );
}

function ModuleCard({ module }: { module: Module }) {
  const { t, of } = useTexts();
  const name = of(module.name) || module.id;
  return (
    <li className="card" data-app={module.id}>
      <Stack gap="xs" style={{ flex: 1 }}>
        <Title order={3} size="h5">
          {name}
        </Title>
        <Line size="sm">{of(module.summary)}</Line>
        <Line size="xs" c="dimmed">
          {t('apps.version', { version: module.version, vendor: module.vendor })}
        </Line>
        <Group gap="xs" mt="auto">
          <Button component={Link} to={planAddress('install', module.id)} size="xs" aria-label={`${t('apps.enable')}: ${name}`}>
            {t('apps.enable')}
          </Button>
        </Group>
      </Stack>
    </li>
  );
}
