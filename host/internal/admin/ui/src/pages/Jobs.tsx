import { Anchor, Alert, Button, Group, Progress, Stack, Text as Line, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link, useParams } from 'react-router';
import { ask, type Job, may, type Page as Listed } from '../api';
import { show } from '../format';
import { useTexts } from '../i18n';
import { Empty, Loading, Page, StateBadge, Trouble } from '../parts';
import { useApps, useMe } from '../session';
import { Shown } from './PlanPage';

const over = (job: Job) => job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';

/** Follows a job: each answer comes when something has changed. */
function useJob(id: string) {
  const client = useQueryClient();
  const key = ['job', id];
  const job = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const before = client.getQueryData<Job>(key);
      return ask<Job>(`/host/jobs/${id}`, { query: before && !over(before) ? { wait: 20, since: before.revision } : {}, signal });
    },
    refetchInterval: (q) => (q.state.data && !over(q.state.data) ? 250 : false),
  });
  const state = job.data?.state;
  useEffect(() => {
    if (state !== 'done' && state !== 'failed') return;
    for (const name of ['apps', 'screens', 'modules', 'sets', 'view', 'collections', 'settings']) void client.invalidateQueries({ queryKey: [name] });
  }, [state, client]);
  return job;
}

export function JobPage() {
  const { t, of } = useTexts();
  const { id = '' } = useParams();
  const me = useMe();
  const job = useJob(id);
  const apps = useApps(job.data?.state === 'done');
  const [trouble, setTrouble] = useState<unknown>(null);
  const data = job.data;
  const app = apps.data?.find((a) => a.id === data?.subject);
  const cancel = async () => {
    setTrouble(null);
    try {
      await ask(`/host/jobs/${id}/cancel`, { method: 'POST', body: {} });
      await job.refetch();
    } catch (error) {
      setTrouble(error);
    }
  };
  return (
    <Page title={t('job.title', { name: of(app?.name) || data?.subject || '' })}>
      {job.isError && <Trouble error={job.error} retry={() => void job.refetch()} />}
      {trouble !== null && <Trouble error={trouble} />}
      {!data && !job.isError && <Loading />}
      {data && (
        <>
          <Group role="status" data-state={data.state}>
            <StateBadge state={data.state} text={t(`job.${data.state}`)} />
          </Group>
          {data.error && (
            <Alert color="red" variant="outline" role="alert" title={t('job.failed')}>
              {data.error.message || data.error.reason || data.error.code}
            </Alert>
          )}
          <StepList job={data} />
          {data.state === 'waiting_consent' && data.plan && (
            <Shown plan={data.plan} agree={(consent) => ask<Job>(`/host/jobs/${id}/consent`, { method: 'POST', body: { consent } })} again={() => void job.refetch()} back="/apps" />
          )}
          <Group>
            {!over(data) && (
              <Button variant="default" onClick={() => void cancel()}>
                {t('job.cancel')}
              </Button>
            )}
            {data.state === 'done' && app?.settings && app.state === 'enabled' && may(me, 'host.settings') && (
              <Button component={Link} to={`/apps/${app.id}/settings`}>
                {t('job.fill')}
              </Button>
            )}
            {over(data) && (
              <Button component={Link} to="/apps" variant="default">
                {t('job.apps')}
              </Button>
            )}
          </Group>
        </>
      )}
    </Page>
  );
}

function StepList({ job }: { job: Job }) {
  const { t } = useTexts();
  const { done, total } = job.progress;
  return (
    <section className="card" aria-labelledby="steps">
      <Title order={2} size="h5" id="steps" mb="xs">
        {t('job.steps')}
      </Title>
      <Stack gap={4} component="ol" className="words">
        {job.steps.map((s) => {
          const key = `job.step.${s.name}`;
          const name = t(key as 'job.step.verify');
          const state = s.state === 'done' ? t('job.done') : s.state === 'running' ? t('job.running') : t('job.waiting');
          return (
            <li key={s.name}>
              {name === key ? s.name : name}:{' '}
              <Line span c="dimmed">
                {state}
              </Line>
            </li>
          );
        })}
      </Stack>
      {total > 0 && !over(job) && (
        <>
          <Progress value={(100 * done) / total} aria-label={t('job.steps')} mt="sm" />
          <Line size="sm" c="dimmed">
            {t('job.progress', { done, total })}
          </Line>
        </>
      )}
    </section>
  );
}

export function Jobs() {
  const { t, locale } = useTexts();
  const jobs = useQuery({ queryKey: ['jobs'], queryFn: ({ signal }) => ask<Listed<Job>>('/host/jobs', { query: { limit: 50 }, signal }) });
  return (
    <Page title={t('jobs.title')} intro={t('jobs.intro')}>
      {jobs.isError && <Trouble error={jobs.error} retry={() => void jobs.refetch()} />}
      {jobs.isLoading && <Loading />}
      {jobs.data?.items.length === 0 && <Empty />}
      {(jobs.data?.items ?? []).length > 0 && (
        <ul className="cards">
          {jobs.data?.items.map((j) => (
            <li key={j.id} className="card">
              <Group justify="space-between">
                <Anchor component={Link} to={`/jobs/${j.id}`} underline="always">
                  {j.kind} {j.subject}
                </Anchor>
                <StateBadge state={j.state} text={t(`job.${j.state}`)} />
              </Group>
              <Line size="xs" c="dimmed">
                {show(j.begun, 'datetime', locale)}
              </Line>
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}
