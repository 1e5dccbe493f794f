import { Button, Group, Menu, Text as Line } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { ask, run, type Page as Listed } from '../api';
import { useTexts } from '../i18n';
import { Icon } from '../icons';
import { Empty, Loading, Page, Raw, Table, Trouble } from '../parts';
import { resolve } from '../schema';
import { type View, viewAddress } from '../session';
import { at, bind, links, meets, put, search, type Values } from '../values';
import { Filters, filtered } from './Filters';
import { ofRecord, Steps, Told } from './steps';

const size = 50;

interface Part {
  rows: unknown[];
  next: string | undefined;
}

/** Asks the source of a view for one page. */
async function load(view: View, input: Values, cursor: string | undefined, signal: AbortSignal): Promise<Part> {
  const source = view.screen.source ?? {};
  if (source.collection !== undefined) {
    const page = await ask<Listed<unknown>>(`/host/data/${view.owner.app}/${source.collection}`, { query: { limit: size, after: cursor }, signal });
    return { rows: page.items, next: page.next };
  }
  const whole = view.screen.page === 'cursor' ? { ...input, limit: size, ...(cursor === undefined ? {} : { cursor }) } : input;
  const answer = await run<Values>(source.operation ?? '', whole);
  const next = view.screen.page === 'cursor' ? at(answer, 'cursor') : undefined;
  const rows = source.items === undefined ? [answer] : ((at(answer, source.items) as unknown[] | undefined) ?? []);
  return { rows, next: typeof next === 'string' && next !== '' ? next : undefined };
}

/** The input that a view asks with, and whether it is enough to ask. */
export function useInput(view: View): { input: Values; enough: boolean } {
  const [query] = useSearchParams();
  const operation = view.operation(view.screen.source?.operation);
  let input = bind(view.screen.params, query);
  for (const f of view.screen.filters ?? []) {
    const value = filtered(f.field, query, operation?.input, view.owner.types ?? {});
    if (value !== undefined) input = put(input, f.field, value);
  }
  const needed = operation ? (resolve(operation.input, view.owner.types ?? {}).required ?? []) : [];
  const filled = (view.screen.filters ?? []).every((f) => !f.required || at(input, f.field) !== undefined);
  return { input, enough: filled && needed.every((name) => input[name] !== undefined) };
}

/** What stands beside the title: steps of the view, and new records. */
function Beside({ view, onDone }: { view: View; onDone: (text: string) => void }) {
  return (
    <>
      <Steps view={view} onDone={onDone} />
      <Create view={view} />
    </>
  );
}

/** A new record: of several forms people choose one. */
function Create({ view }: { view: View }) {
  const { t, of } = useTexts();
  const [query] = useSearchParams();
  const forms = links(view.screen.create).flatMap((l) => {
    const form = view.owner.screens.find((s) => s.id === l.view);
    return form ? [{ id: l.view, title: of(form.title), to: viewAddress(view.owner.app, l.view, search(l.params, query)) }] : [];
  });
  const plus = <Icon name="plus" size={16} />;
  if (forms.length < 2) {
    return forms.map((f) => (
      <Button key={f.id} component={Link} to={f.to} leftSection={plus}>
        {t('add')}
      </Button>
    ));
  }
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button leftSection={plus}>{t('add')}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {forms.map((f) => (
          <Menu.Item key={f.id} component={Link} to={f.to}>
            {f.title}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function TableView({ view, asIs = false }: { view: View; asIs?: boolean }) {
  const { t, of } = useTexts();
  const { screen, owner } = view;
  const [told, setTold] = useState('');
  const [query] = useSearchParams();
  const { input, enough } = useInput(view);
  const list = useInfiniteQuery({
    queryKey: ['view', owner.app, screen.id, input],
    queryFn: ({ pageParam, signal }) => load(view, input, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    enabled: enough,
  });
  const rows = list.data?.pages.flatMap((p) => p.rows) ?? [];
  const targets = links(screen.row_link).filter((l) => owner.screens.some((s) => s.id === l.view));
  const lead = (row: unknown) => {
    const link = targets.find((l) => meets(row, l.when));
    return link && viewAddress(owner.app, link.view, search(link.params, query, row));
  };
  return (
    <Page title={of(screen.title)} intro={of(screen.help)} actions={<Beside view={view} onDone={setTold} />}>
      <Told text={told} />
      {asIs && <Line>{t('newer')}</Line>}
      <Filters view={view} />
      {!enough && <Empty text={t('filter_first')} />}
      {list.isError && <Trouble error={list.error} retry={() => void list.refetch()} />}
      {list.isLoading && <Loading />}
      {list.isSuccess && rows.length === 0 && <Empty text={of(screen.empty)} />}
      {rows.length > 0 &&
        (asIs ? (
          <Raw value={rows} />
        ) : (
          <Table
            caption={of(screen.title)}
            columns={screen.columns ?? []}
            rows={rows}
            link={targets.length > 0 ? lead : undefined}
            end={(screen.actions ?? []).some(ofRecord) ? (row) => <Steps view={view} record={row} onDone={setTold} /> : undefined}
          />
        ))}
      {list.hasNextPage && (
        <Group>
          <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t('more')}
          </Button>
        </Group>
      )}
    </Page>
  );
}
