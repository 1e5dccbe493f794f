// What will happen, in plain words, before somebody says yes to it.
import { Alert, Button, Checkbox, Group, Stack, Text as Line, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { all, type AppSet, ask, type Bounds, type Job, type Plan, type PlannedApp, Problem } from '../api';
import { useTexts } from '../i18n';
import { Loading, Page, Tone, Trouble } from '../parts';
import { useApps } from '../session';

/** The plan of an app, and what to do with the consent to it. */
export function PlanPage() {
  const { t, of } = useTexts();
  const { id = '' } = useParams();
  const [query, setQuery] = useSearchParams();
  const action = query.get('action') ?? 'install';
  const cascade = query.get('cascade') === 'true';
  const plan = useQuery({
    queryKey: ['plan', action, id, cascade],
    queryFn: () => ask<Plan>('/host/apps/plan', { method: 'POST', body: { action, id, ...(cascade ? { cascade } : {}) } }),
    gcTime: 0,
  });
  const apps = useApps();
  const name = of(plan.data?.apps?.find((a) => a.id === id)?.name ?? apps.data?.find((a) => a.id === id)?.name) || id;
  const titles = ['install', 'enable', 'upgrade', 'disable'] as const;
  const known = titles.find((one) => one === action) ?? 'install';
  const agree = (consent: string) =>
    ask<Job>(`/host/apps/${id}/${action}`, { method: 'POST', body: action === 'disable' ? (cascade ? { cascade } : {}) : { consent } });
  return (
    <Page title={t(`plan.${known}`, { name })}>
      {plan.isError && <Trouble error={plan.error} retry={() => void plan.refetch()} />}
      {plan.isLoading && <Loading />}
      {action === 'disable' && (
        <Checkbox label={t('plan.cascade')} checked={cascade} onChange={(e) => setQuery(e.currentTarget.checked ? { action, cascade: 'true' } : { action }, { replace: true })} />
      )}
      {plan.data && <Shown plan={plan.data} agree={agree} again={() => void plan.refetch()} back="/apps" />}
    </Page>
  );
}

/** The plan of a set. */
export function SetPlanPage() {
  const { t, of } = useTexts();
  const { id = '' } = useParams();
  const sets = useQuery({ queryKey: ['sets'], queryFn: () => all<AppSet>('/host/sets') });
  const plan = useQuery({ queryKey: ['plan', 'set', id], queryFn: () => ask<Plan>(`/host/sets/${id}/plan`, { method: 'POST', body: {} }), gcTime: 0 });
  return (
    <Page title={t('plan.set', { name: of(sets.data?.find((s) => s.id === id)?.name) || id })}>
      {plan.isError && <Trouble error={plan.error} retry={() => void plan.refetch()} />}
      {plan.isLoading && <Loading />}
      {plan.data && (
        <Shown plan={plan.data} agree={(consent) => ask<Job>(`/host/sets/${id}/apply`, { method: 'POST', body: { consent } })} again={() => void plan.refetch()} back="/sets" />
      )}
    </Page>
  );
}

interface ShownProps {
  plan: Plan;
  agree: (consent: string) => Promise<Job>;
  again: () => void;
  back: string;
}

/** A plan with the button that says yes to exactly what is shown. */
export function Shown({ plan, agree, again, back }: ShownProps) {
  const { t } = useTexts();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<unknown>(null);
  const go = useNavigate();
  const client = useQueryClient();
  const yes = async () => {
    setBusy(true);
    setTrouble(null);
    try {
      const job = await agree(plan.consent);
      await client.invalidateQueries({ queryKey: ['apps'] });
      void go(`/jobs/${job.id}`);
    } catch (error) {
      setTrouble(error);
      if (error instanceof Problem && error.reason === 'plan_changed') again();
    } finally {
      setBusy(false);
    }
  };
  const changed = trouble instanceof Problem && trouble.reason === 'plan_changed';
  return (
    <Stack gap="md">
      {changed && (
        <Alert color="yellow" variant="outline" role="alert">
          {t('plan.changed')}
        </Alert>
      )}
      {trouble !== null && !changed && <Trouble error={trouble} />}
      <PlanWords plan={plan} />
      <Group>
        <Button onClick={() => void yes()} loading={busy} disabled={!plan.possible}>
          {plan.asks_more ? t('plan.consent') : t('plan.go')}
        </Button>
        <Button component={Link} to={back} variant="default">
          {t('cancel')}
        </Button>
      </Group>
    </Stack>
  );
}

export function PlanWords({ plan }: { plan: Plan }) {
  const { t, of, language } = useTexts();
  const words = plan.words[language] ?? [];
  const high = (plan.apps ?? []).flatMap((a) => (a.telling ?? []).filter((x) => x.level === 'high'));
  return (
    <>
      {(plan.problems ?? []).length > 0 && (
        <Alert color="red" variant="outline" title={t('plan.problems')} role="alert">
          <ul className="words">
            {plan.problems?.map((p, i) => (
              <li key={i}>
                {of(p.text) || p.reason} {p.modules?.map((m) => `${m.id} ${m.version}`).join(', ')}
              </li>
            ))}
          </ul>
        </Alert>
      )}
      {high.length > 0 && (
        <Alert color="yellow" variant="outline" title={t('plan.attention')}>
          <ul className="words">
            {high.map((x, i) => (
              <li key={i}>{of(x.text)}</li>
            ))}
          </ul>
        </Alert>
      )}
      {words.length > 0 && (
        <section className="card" aria-labelledby="what">
          <Title order={2} size="h5" id="what" mb="xs">
            {t('plan.what')}
          </Title>
          <ul className="words">
            {words.map((w, i) => (
              <li key={i}>{w}</li>
            ))}
          </ul>
        </section>
      )}
      {(plan.disables ?? []).length > 0 && (
        <Line>
          {t('plan.disables')}: {plan.disables?.join(', ')}
        </Line>
      )}
      {(plan.apps ?? []).map((a) => (
        <Asked key={a.id} app={a} />
      ))}
    </>
  );
}

/** Everything that one app asks for, with its reasons. */
function Asked({ app }: { app: PlannedApp }) {
  const { t, of, locale } = useTexts();
  const name = of(app.name) || app.id;
  const change = (kind: string) => (kind === 'new' || kind === 'wider' ? <Tone tone="warning">{t(`plan.${kind}`)}</Tone> : null);
  const lists: [string, string[]][] = [
    [t('plan.hears'), (app.events ?? []).map((e) => e.name)],
    [t('plan.fills'), app.fills ?? []],
    [t('plan.rights'), (app.rights ?? []).map((r) => of(r.title) || r.name)],
    [t('plan.keeps'), (app.keeps ?? []).map((k) => k.collection + (k.personal ? ` (${t('plan.personal')})` : ''))],
    [t('plan.limits'), (app.limits ?? []).map((l) => `${l.name}: ${l.asked.toLocaleString(locale)} (${l.house.toLocaleString(locale)})`)],
  ];
  return (
    <section className="card" aria-label={name}>
      <Title order={2} size="h5">
        {name}
      </Title>
      <Line size="sm">{of(app.summary)}</Line>
      <Line size="xs" c="dimmed" mb="sm">
        {t('apps.version', { version: app.version, vendor: app.vendor })}
      </Line>
      {(app.grants ?? []).length === 0 ? (
        <Line size="sm">{t('plan.may_nothing', { name })}</Line>
      ) : (
        <>
          <Title order={3} size="h6">
            {t('plan.may', { name })}
          </Title>
          <ul className="words">
            {app.grants?.map((g) => (
              <li key={g.name}>
                {of(g.why)} <code>{g.name}</code> {within(g.bounds, t)} {change(g.change)}
              </li>
            ))}
          </ul>
        </>
      )}
      {lists
        .filter(([, items]) => items.length > 0)
        .map(([title, items]) => (
          <div key={title}>
            <Title order={3} size="h6" mt="xs">
              {title}
            </Title>
            <Line size="sm">{items.join(', ')}</Line>
          </div>
        ))}
    </section>
  );
}

function within(bounds: Bounds | undefined, t: ReturnType<typeof useTexts>['t']): string {
  const parts = [
    ...(bounds?.stores ? [t('plan.stores', { stores: bounds.stores.join(', ') })] : []),
    ...(bounds?.max ?? []).map((m) => t('plan.max', { field: m.field, max: m.max })),
    ...(bounds?.slot ? [t('plan.slot', { slot: bounds.slot })] : []),
  ];
  return parts.length === 0 ? '' : `(${parts.join('; ')})`;
}
