import { Anchor, Button, Group, Modal, Text as Line } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { ask, type Collection, type Column, type Page as Listed } from '../api';
import { implied } from '../format';
import { useTexts } from '../i18n';
import { Empty, Loading, Page, Raw, Table, Tone, Trouble } from '../parts';

function useCollections() {
  return useQuery({ queryKey: ['collections'], queryFn: ({ signal }) => ask<Listed<Collection>>('/host/data', { signal }) });
}

export function Data() {
  const { t, of } = useTexts();
  const collections = useCollections();
  const items = collections.data?.items ?? [];
  const apps = [...new Set(items.map((c) => c.app))];
  return (
    <Page title={t('data.title')} intro={t('data.intro')}>
      {collections.isError && <Trouble error={collections.error} retry={() => void collections.refetch()} />}
      {collections.isLoading && <Loading />}
      {collections.isSuccess && items.length === 0 && <Empty />}
      <ul className="cards">
        {apps.map((app) => (
          <li key={app} className="card">
            <h2 className="small">{of(items.find((c) => c.app === app)?.name) || app}</h2>
            <ul className="words">
              {items
                .filter((c) => c.app === app)
                .map((c) => (
                  <li key={c.collection}>
                    <Anchor component={Link} to={`/data/${app}/${c.collection}`} underline="always">
                      {c.collection}
                    </Anchor>{' '}
                    {c.subject && <Tone tone="warning">{t('data.personal')}</Tone>}
                  </li>
                ))}
            </ul>
          </li>
        ))}
      </ul>
    </Page>
  );
}

/** How many of a record's fields are columns; the rest is seen in the record. */
const most = 8;

export function Records() {
  const { t, of } = useTexts();
  const { app = '', collection = '' } = useParams();
  const [opened, setOpened] = useState<unknown>(null);
  const collections = useCollections();
  const about = collections.data?.items.find((c) => c.app === app && c.collection === collection);
  const list = useInfiniteQuery({
    queryKey: ['view', 'data', app, collection],
    queryFn: ({ pageParam, signal }) => ask<Listed<unknown>>(`/host/data/${app}/${collection}`, { query: { limit: 50, after: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next || undefined,
  });
  const rows = list.data?.pages.flatMap((p) => p.items) ?? [];
  const columns: Column[] = (about?.fields ?? []).slice(0, most).map((f) => ({ field: f.name, label: { it: f.name, en: f.name }, format: implied(f.type, f.format) }));
  return (
    <Page title={t('data.records', { collection, name: of(about?.name) || app })}>
      {about?.doc && <Line c="dimmed">{about.doc}</Line>}
      {list.isError && <Trouble error={list.error} retry={() => void list.refetch()} />}
      {list.isLoading && <Loading />}
      {list.isSuccess && rows.length === 0 && <Empty />}
      {rows.length > 0 && (
        <Table
          caption={collection}
          columns={columns}
          rows={rows}
          end={(row) => (
            <Button size="compact-xs" variant="default" onClick={() => setOpened(row)}>
              {t('details')}
            </Button>
          )}
        />
      )}
      {list.hasNextPage && (
        <Group>
          <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t('more')}
          </Button>
        </Group>
      )}
      <Modal opened={opened !== null} onClose={() => setOpened(null)} title={t('record')} size="lg" closeButtonProps={{ 'aria-label': t('close') }}>
        <Raw value={opened} />
      </Modal>
    </Page>
  );
}
