import { Group, Modal, Button, Stack, Text as Line, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { run, type Screen, type Section } from '../api';
import { answersFile, save } from '../file';
import { Form } from '../form/Form';
import { useTexts } from '../i18n';
import { Empty, Page, Raw, Table, Trouble } from '../parts';
import { type View, viewAddress } from '../session';
import { at, bind, everywhere, search, type Values } from '../values';
import { colors, Told } from './steps';

/** Says whether the URL fills in all that a query asks for. */
function whole(kind: string | undefined, screen: Screen, bound: Values): boolean {
  const params = screen.params ?? [];
  return kind === 'query' && params.length > 0 && params.every((b) => at(bound, b.field) !== undefined);
}

/** One more list of an answer; nothing where it is empty. */
function AnswerPart({ part, answer }: { part: Section; answer: Values }) {
  const { of } = useTexts();
  const rows = everywhere(answer, part.items);
  if (rows.length === 0) return null;
  return (
    <>
      <Title order={3} size="h5">
        {of(part.title)}
      </Title>
      <Table caption={of(part.title)} columns={part.columns} rows={rows} />
    </>
  );
}

/** Runs a query at once if the URL fills in all that the view asks for: a link to
 * a record shows the record. */
function useAtOnce(view: View, bound: Values, show: (answer: Values) => void): unknown {
  const [trouble, setTrouble] = useState<unknown>(null);
  const operation = view.operation(view.screen.submit);
  const params = view.screen.params ?? [];
  const whole = operation?.kind === 'query' && !answersFile(operation, view.owner.types ?? {}) && params.length > 0 && params.every((b) => at(bound, b.field) !== undefined);
  const input = whole ? JSON.stringify(bound) : '';
  const name = operation?.name ?? '';
  useEffect(() => {
    if (input === '') return;
    let gone = false;
    run<Values>(name, JSON.parse(input)).then(
      (answer) => gone || show(answer),
      (error: unknown) => gone || setTrouble(error),
    );
    return () => {
      gone = true;
    };
  }, [input, name, show]);
  return trouble;
}

/** Runs one operation and shows what it answers. */
export function ActionView({ view }: { view: View }) {
  const { t, of } = useTexts();
  const { screen, owner } = view;
  const [query] = useSearchParams();
  const [answer, setAnswer] = useState<Values | null>(null);
  const [saved, setSaved] = useState('');
  const [asking, setAsking] = useState(false);
  const confirmed = useRef<(yes: boolean) => void>(() => undefined);
  const client = useQueryClient();
  const go = useNavigate();
  const operation = view.operation(screen.submit);
  const bound = bind(screen.params, query);
  const trouble = useAtOnce(view, bound, setAnswer);
  if (!operation) return null;
  const sure = () =>
    new Promise<boolean>((resolve) => {
      confirmed.current = resolve;
      setAsking(true);
    });
  const decide = (yes: boolean) => {
    setAsking(false);
    confirmed.current(yes);
  };
  const act = async (value: Values, key: string) => {
    if (screen.confirm && !(await sure())) return;
    const got = await run<Values>(operation.name, { ...value, ...bound }, operation.kind === 'command' ? key : undefined);
    if (answersFile(operation, owner.types ?? {})) setSaved(t('file_saved', { name: save(got) }));
    else setAnswer(got);
    if (operation.kind === 'command') await client.invalidateQueries({ queryKey: ['view'] });
    if (screen.then) void go(viewAddress(owner.app, screen.then.view, search(screen.then.params, query, got)));
  };
  const label = of(screen.label) || t('run');
  const color = colors[screen.tone ?? 'primary'];
  const rows = answer && screen.columns ? (screen.items === undefined ? [answer] : ((at(answer, screen.items) as unknown[] | undefined) ?? [])) : null;
  return (
    <Page title={of(screen.title)} intro={of(screen.help)}>
      <div className="card">
        <Form schema={operation.input} types={owner.types ?? {}} initial={bound} without={Object.keys(bound)} fields={screen.fields} only={screen.fields !== undefined} submit={label} color={color} onSubmit={act} />
      </div>
      {trouble !== null && <Trouble error={trouble} />}
      <Told text={saved || (answer ? t('done') : '')} />
      {answer && (
        <Stack gap="sm">
          <Title order={2} size="h4">
            {whole(operation.kind, screen, bound) ? Object.values(bound).map(String).join(' · ') : t('answer')}
          </Title>
          {rows === null ? <Raw value={answer} /> : rows.length === 0 ? <Empty text={of(screen.empty)} /> : <Table caption={t('answer')} columns={screen.columns ?? []} rows={rows} />}
          {(screen.sections ?? []).map((part) => (
            <AnswerPart key={part.items} part={part} answer={answer} />
          ))}
        </Stack>
      )}
      <Modal opened={asking} onClose={() => decide(false)} title={label} closeButtonProps={{ 'aria-label': t('close') }} centered>
        <Stack>
          <Line>{of(screen.confirm)}</Line>
          <Group>
            <Button color={color} onClick={() => decide(true)}>
              {label}
            </Button>
            <Button variant="default" onClick={() => decide(false)}>
              {t('cancel')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Page>
  );
}
