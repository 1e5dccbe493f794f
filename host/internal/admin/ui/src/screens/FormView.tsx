import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { ask, type Page as Listed, run } from '../api';
import { answersFile, save } from '../file';
import { Form } from '../form/Form';
import { useTexts } from '../i18n';
import { Loading, Page, Trouble } from '../parts';
import { pick } from '../schema';
import { type View, viewAddress } from '../session';
import { at, begin, bind, search, type Values } from '../values';
import { Steps, Told } from './steps';

/** The record that a form begins with: what its source answers for the URL. With
 * nothing in the URL the form is for a new one. */
function useRecord(view: View) {
  const [query] = useSearchParams();
  const source = view.screen.source;
  const input = bind(view.screen.params, query);
  const asked = (view.screen.params ?? []).filter((b) => b.query !== undefined);
  const wanted = source !== undefined && (asked.length === 0 || asked.some((b) => query.has(b.query ?? '')));
  return useQuery({
    queryKey: ['view', view.owner.app, view.screen.id, 'record', input],
    queryFn: async ({ signal }): Promise<Values> => {
      if (source?.collection !== undefined) return (await ask<Listed<Values>>(`/host/data/${view.owner.app}/${source.collection}`, { query: { limit: 1 }, signal })).items[0] ?? {};
      const answer = await run<Values>(source?.operation ?? '', input);
      return source?.items === undefined ? answer : ((at(answer, source.items) as Values[] | undefined)?.[0] ?? {});
    },
    enabled: wanted,
    gcTime: 0,
    staleTime: Infinity, // what somebody types is not taken away
  });
}

export function FormView({ view }: { view: View }) {
  const { t, of } = useTexts();
  const { screen, owner } = view;
  const [told, setTold] = useState('');
  const [round, setRound] = useState(0);
  const [query] = useSearchParams();
  const client = useQueryClient();
  const go = useNavigate();
  const record = useRecord(view);
  const operation = view.operation(screen.submit);
  const types = owner.types ?? {};
  if (!operation) return null;
  const submit = async (value: Values, key: string) => {
    const answer = await run<Values>(operation.name, value, key);
    await client.invalidateQueries({ queryKey: ['view'] });
    setTold(answersFile(operation, types) ? t('file_saved', { name: save(answer) }) : t('saved'));
    setRound(round + 1);
    if (screen.then) void go(viewAddress(owner.app, screen.then.view, search(screen.then.params, query, answer)));
  };
  const ready = !record.isEnabled || record.isSuccess;
  const initial = record.data ? pick(record.data, operation.input, types) : begin(screen.initial, query, operation.input, types);
  return (
    <Page title={of(screen.title)} intro={of(screen.help)} actions={record.data && <Steps view={view} record={record.data} onDone={setTold} />}>
      <Told text={told} />
      {record.isError && <Trouble error={record.error} retry={() => void record.refetch()} />}
      {!ready && !record.isError && <Loading />}
      {ready && (
        <div className="card">
          <Form key={round + query.toString()} schema={operation.input} types={types} initial={initial} fields={screen.fields} only={screen.only ?? false} submit={t('save')} onSubmit={submit} />
        </div>
      )}
    </Page>
  );
}
