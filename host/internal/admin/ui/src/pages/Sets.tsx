import { Button, Group, Stack, Text as Line, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { all, type AppSet } from '../api';
import { useTexts } from '../i18n';
import { Empty, Loading, Page, StateBadge, Trouble } from '../parts';

export function Sets() {
  const { t, of } = useTexts();
  const sets = useQuery({ queryKey: ['sets'], queryFn: () => all<AppSet>('/host/sets') });
  return (
    <Page title={t('sets.title')} intro={t('sets.intro')}>
      {sets.isError && <Trouble error={sets.error} retry={() => void sets.refetch()} />}
      {sets.isLoading && <Loading />}
      {sets.data?.length === 0 && <Empty />}
      <ul className="cards">
        {sets.data?.map((s) => (
          <li key={s.id} className="card" data-set={s.id}>
            <Stack gap="xs" style={{ flex: 1 }}>
              <Title order={2} size="h5">
                {of(s.name)}
              </Title>
              <Line size="sm">{of(s.summary)}</Line>
              <ul className="words">
                {s.modules.map((m) => (
                  <li key={m.id}>
                    {m.id} {m.version ?? m.available ?? t('sets.missing')} {m.optional && `(${t('sets.optional')})`} {m.state && <Member state={m.state} />}
                  </li>
                ))}
              </ul>
              <Group mt="auto">
                <Button component={Link} to={`/sets/${s.id}/plan`} size="xs" aria-label={`${t('sets.use')}: ${of(s.name)}`}>
                  {t('sets.use')}
                </Button>
              </Group>
            </Stack>
          </li>
        ))}
      </ul>
    </Page>
  );
}

function Member({ state }: { state: string }) {
  const { t } = useTexts();
  const key = `state.${state}`;
  const text = t(key as 'state.enabled');
  return <StateBadge state={state} text={text === key ? state : text} />;
}
