// Forms drawn from a schema: small, because the schemas of apps are a small
// subset (no patterns, no conditions), so that nothing of a third party runs here.
import { Alert, Button, Group, Stack, type MantineColor } from '@mantine/core';
import { createContext, type FormEvent, useContext, useId, useMemo, useRef, useState } from 'react';
import { type FieldText, Problem, type Schema } from '../api';
import { useTexts } from '../i18n';
import { Trouble } from '../parts';
import { check, complete, type Fault, type Types } from '../schema';
import type { Values } from '../values';
import { ObjectFields } from './fields';

export interface Drawing {
  id: string;
  types: Types;
  fields: FieldText[];
  /** Shows only the fields that are named. */
  only: boolean;
  without: string[];
  fault: (pointer: string) => string | undefined;
}

const Context = createContext<Drawing | null>(null);

export function useDrawing(): Drawing {
  const drawing = useContext(Context);
  if (drawing === null) throw new Error('a field outside of a form');
  return drawing;
}

export interface FormProps {
  schema: Schema;
  types: Types;
  initial: Values;
  fields?: FieldText[] | undefined;
  only?: boolean;
  /** Paths that something else fills in. */
  without?: string[];
  /** Before the pointers of the host, e.g. /values. */
  prefix?: string;
  submit: string;
  color?: MantineColor | undefined;
  onSubmit: (value: Values, key: string) => Promise<void>;
  onCancel?: () => void;
}

export function Form(p: FormProps) {
  const { t } = useTexts();
  const id = useId();
  const element = useRef<HTMLFormElement>(null);
  const [value, setValue] = useState<Values>(p.initial);
  const [faults, setFaults] = useState<Fault[]>([]);
  const [trouble, setTrouble] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  // What is sent again unchanged, after an answer that was lost, is the same wish.
  const wish = useRef({ sent: '', key: '' });

  const drawing = useMemo<Drawing>(
    () => ({
      id,
      types: p.types,
      fields: p.fields ?? [],
      only: p.only ?? false,
      without: p.without ?? [],
      fault: (pointer) => {
        const f = faults.find((one) => one.pointer === pointer);
        return f && (f.text ?? t(f.key as 'fault.required', f.params ?? {}));
      },
    }),
    [id, p.types, p.fields, p.only, p.without, faults, t],
  );

  // mark shows faults at their fields and goes to the first. A fault of something
  // that is not shown belongs to what is around it.
  const mark = (found: Fault[]): boolean => {
    const shown = found.map((f) => ({ ...f, pointer: nearest(element.current, f.pointer) })).filter((f) => f.pointer !== '');
    setFaults(shown);
    const first = shown[0] && input(element.current, shown[0].pointer);
    setTimeout(() => first?.focus(), 0);
    return shown.length > 0;
  };

  const send = async (event: FormEvent) => {
    event.preventDefault();
    setTrouble(null);
    const whole = complete(value, p.schema, p.types) as Values;
    const found = check(whole, p.schema, p.types).filter((f) => !(p.without ?? []).some((path) => f.pointer === '/' + path.replaceAll('.', '/')));
    if (mark(found)) return;
    const sent = JSON.stringify(whole);
    if (wish.current.sent !== sent) wish.current = { sent, key: crypto.randomUUID() };
    setBusy(true);
    try {
      await p.onSubmit(whole, wish.current.key);
      wish.current.sent = '';
    } catch (error) {
      if (error instanceof Problem) wish.current.sent = '';
      const pointer = error instanceof Problem ? error.pointer.replace(p.prefix ?? '', '') : '';
      if (pointer === '' || !mark([{ pointer, text: (error as Problem).message }])) setTrouble(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Context.Provider value={drawing}>
      <form ref={element} onSubmit={(e) => void send(e)} noValidate>
        <Stack gap="md" maw={640}>
          {faults.length > 0 && (
            <Alert color="red" variant="outline" role="alert">
              {t('fault.form')}
            </Alert>
          )}
          {trouble !== null && <Trouble error={trouble} />}
          <ObjectFields schema={p.schema} path="" pointer="" value={value} onChange={setValue} />
          <Group>
            <Button type="submit" loading={busy} color={p.color ?? 'teal'}>
              {p.submit}
            </Button>
            {p.onCancel && (
              <Button variant="default" onClick={p.onCancel}>
                {t('cancel')}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Context.Provider>
  );
}

function input(form: HTMLFormElement | null, pointer: string): HTMLElement | null {
  return form?.querySelector<HTMLElement>(`[data-pointer="${CSS.escape(pointer)}"]`) ?? null;
}

function nearest(form: HTMLFormElement | null, pointer: string): string {
  while (pointer !== '' && input(form, pointer) === null) pointer = pointer.slice(0, pointer.lastIndexOf('/'));
  return pointer;
}
