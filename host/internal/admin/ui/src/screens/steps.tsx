// Operations beside a list or a record: asked again if they are told to, with a
// form for what people fill in.
import { Alert, Button, Group, Modal, Stack, Text as Line } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { run, type Step } from '../api';
import { answersFile, save } from '../file';
import { Form } from '../form/Form';
import { useTexts } from '../i18n';
import { Trouble } from '../parts';
import { type View, viewAddress } from '../session';
import { bind, meets, search, type Values } from '../values';

export const colors = { primary: 'teal', neutral: 'gray', danger: 'red' } as const;

/** Says whether a step is of a record, and not of the view. */
export function ofRecord(step: Step): boolean {
  return [...(step.params ?? []), ...(step.then?.params ?? [])].some((b) => b.record !== undefined) || step.when !== undefined;
}

export function Steps({ view, record, onDone }: { view: View; record?: unknown; onDone?: (text: string) => void }) {
  const steps = (view.screen.actions ?? []).filter((s) => ofRecord(s) === (record !== undefined) && meets(record, s.when));
  return (
    <Group gap="xs" miw={steps.length > 1 ? '16rem' : undefined}>
      {steps.map((s) =>
        s.operation === undefined ? (
          <StepLink key={s.label.en} view={view} step={s} record={record} />
        ) : (
          <StepButton key={s.operation + s.label.en} view={view} step={s} name={s.operation} record={record} onDone={onDone} />
        ),
      )}
    </Group>
  );
}

function StepLink({ view, step, record }: { view: View; step: Step; record: unknown }) {
  const { of } = useTexts();
  const [query] = useSearchParams();
  if (!step.then || !view.owner.screens.some((s) => s.id === step.then?.view)) return null;
  return (
    <Button component={Link} size="xs" variant="default" to={viewAddress(view.owner.app, step.then.view, search(step.then.params, query, record))}>
      {of(step.label)}
    </Button>
  );
}

function StepButton({ view, step, name, record, onDone }: { view: View; step: Step; name: string; record: unknown; onDone: ((text: string) => void) | undefined }) {
  const { t, of } = useTexts();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<unknown>(null);
  const [query] = useSearchParams();
  const client = useQueryClient();
  const go = useNavigate();
  const operation = view.operation(name);
  if (!operation) return null;
  const bound = bind(step.params, query, record);

  const act = async (input: Values, key?: string) => {
    const answer = await run(name, { ...bound, ...input }, key);
    const told = answersFile(operation, view.owner.types ?? {}) ? t('file_saved', { name: save(answer) }) : `${of(step.label)}: ${t('done')}`;
    setOpen(false);
    if (operation.kind === 'command') await client.invalidateQueries({ queryKey: ['view'] });
    onDone?.(told);
    if (step.then) void go(viewAddress(view.owner.app, step.then.view, search(step.then.params, query, record)));
  };
  const plain = async () => {
    setBusy(true);
    setTrouble(null);
    try {
      await act({});
    } catch (error) {
      setTrouble(error);
      setOpen(true);
    } finally {
      setBusy(false);
    }
  };
  const asks = (step.input?.length ?? 0) > 0;
  const color = colors[step.tone ?? 'neutral'];
  return (
    <>
      <Button size="xs" variant={step.tone === 'primary' ? 'filled' : 'default'} color={color} loading={busy && !open} onClick={() => (asks || step.confirm ? setOpen(true) : void plain())}>
        {of(step.label)}
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={of(step.label)} closeButtonProps={{ 'aria-label': t('close') }} centered>
        <Stack gap="md">
          {step.confirm && <Line>{of(step.confirm)}</Line>}
          {trouble !== null && <Trouble error={trouble} />}
          {asks ? (
            <Form schema={operation.input} types={view.owner.types ?? {}} initial={bound} fields={step.input} only submit={of(step.label)} color={color} onSubmit={act} onCancel={() => setOpen(false)} />
          ) : (
            <Group>
              <Button color={color} loading={busy} onClick={() => void plain()}>
                {of(step.label)}
              </Button>
              <Button variant="default" onClick={() => setOpen(false)}>
                {t('cancel')}
              </Button>
            </Group>
          )}
        </Stack>
      </Modal>
    </>
  );
}

export function Told({ text }: { text: string }) {
  return (
    <div role="status" aria-live="polite">
      {text !== '' && (
        <Alert color="teal" variant="outline">
          {text}
        </Alert>
      )}
    </div>
  );
}
