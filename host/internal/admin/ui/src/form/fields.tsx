import { Button, Checkbox, Group, Input, NativeSelect, PasswordInput, Stack, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { FieldText, Schema } from '../api';
import { useTexts } from '../i18n';
import { parsed, resolve, token, written } from '../schema';
import { clock, here, instant, zones } from '../zone';
import type { Values } from '../values';
import { useDrawing } from './Form';

interface FieldProps<T> {
  schema: Schema;
  /** Where it stands in the schema, with dots; lists add nothing. */
  path: string;
  /** Where it stands in the value (RFC 6901). */
  pointer: string;
  value: T;
  onChange: (value: T) => void;
}

interface ScalarProps extends FieldProps<unknown> {
  name: string;
  required: boolean;
  text: FieldText | undefined;
}

const within = (path: string, other: string) => path === other || path.startsWith(other + '.');

/** Says whether a form that draws only what it names draws a field: one that is named, is
 * around one, or is in one that is named without any of its own. */
function drawn(fields: FieldText[], path: string): boolean {
  return fields.some((f) => within(f.field, path) || (within(path, f.field) && !fields.some((g) => g !== f && g.field.startsWith(f.field + '.'))));
}

/** The fields of an object: those that the view names first, in its order. */
export function ObjectFields({ schema, path, pointer, value, onChange }: FieldProps<Values>) {
  const { types, fields, only, without } = useDrawing();
  const object = resolve(schema, types);
  const full = (name: string) => (path === '' ? name : `${path}.${name}`);
  const place = (name: string) => {
    const i = fields.findIndex((f) => within(f.field, full(name)));
    return i < 0 ? fields.length : i;
  };
  const hidden = (name: string) =>
    without.includes(full(name)) ||
    fields.some((f) => f.field === full(name) && f.widget === 'hidden') ||
    (only && !drawn(fields, full(name)));
  const names = Object.keys(object.properties ?? {}).filter((name) => !hidden(name));
  names.sort((a, b) => place(a) - place(b));
  return (
    <>
      {names.map((name) => (
        <Field
          key={name}
          name={name}
          schema={object.properties?.[name] ?? {}}
          path={full(name)}
          pointer={pointer + token(name)}
          required={object.required?.includes(name) ?? false}
          text={fields.find((f) => f.field === full(name))}
          value={value[name]}
          onChange={(next) => {
            const copy = { ...value };
            if (next === undefined) delete copy[name];
            else copy[name] = next;
            onChange(copy);
          }}
        />
      ))}
    </>
  );
}

function Field(p: ScalarProps) {
  const { types } = useDrawing();
  const schema = resolve(p.schema, types);
  switch (schema.type) {
    case 'object':
      return <Part {...p} schema={schema} />;
    case 'array':
      return resolve(schema.items ?? {}, types).type === 'object' ? <Rows {...p} schema={schema} /> : <Lines {...p} schema={schema} />;
    case 'boolean':
      return <Flag {...p} schema={schema} />;
    case 'integer':
      return <Whole {...p} schema={schema} />;
  }
  return <Words {...p} schema={schema} />;
}

/** Label, help and fault, the same for every input. */
function useLabels({ name, schema, pointer, required, text }: ScalarProps) {
  const { of } = useTexts();
  const { id, fault } = useDrawing();
  const plain = name.replaceAll('_', ' ');
  return {
    id: id + pointer,
    'data-pointer': pointer,
    label: of(text?.label) || schema.title || plain.charAt(0).toUpperCase() + plain.slice(1),
    description: of(text?.help) || (text?.label ? undefined : schema.description),
    error: fault(pointer),
    required,
  };
}

function Part(p: ScalarProps) {
  const labels = useLabels(p);
  return (
    <fieldset className="part" data-pointer={p.pointer} tabIndex={-1}>
      <legend>{labels.label}</legend>
      <Stack gap="sm">
        {p.text?.help && <Input.Description>{labels.description}</Input.Description>}
        {labels.error !== undefined && <Input.Error>{labels.error}</Input.Error>}
        <ObjectFields schema={p.schema} path={p.path} pointer={p.pointer} value={(p.value as Values | undefined) ?? {}} onChange={(v) => p.onChange(Object.keys(v).length === 0 ? undefined : v)} />
      </Stack>
    </fieldset>
  );
}

/** A list of objects. */
function Rows(p: ScalarProps) {
  const { t } = useTexts();
  const labels = useLabels(p);
  const { only } = useDrawing();
  // A form that names what is in the rows begins with one.
  const rows = (p.value as Values[] | undefined) ?? (only && p.required ? [{}] : []);
  const set = (next: Values[]) => p.onChange(next.length === 0 ? undefined : next);
  return (
    <fieldset className="part" data-pointer={p.pointer} tabIndex={-1}>
      <legend>{labels.label}</legend>
      <Stack gap="sm">
        {p.text?.help && <Input.Description>{labels.description}</Input.Description>}
        {labels.error !== undefined && <Input.Error>{labels.error}</Input.Error>}
        {rows.map((row, i) => (
          <fieldset className="part" key={i} data-pointer={p.pointer + token(i)} tabIndex={-1}>
            <legend>{t('item', { n: i + 1 })}</legend>
            <Stack gap="sm">
              <ObjectFields schema={p.schema.items ?? {}} path={p.path} pointer={p.pointer + token(i)} value={row} onChange={(v) => set(rows.with(i, v))} />
              <Group>
                <Button size="xs" variant="default" onClick={() => set(rows.toSpliced(i, 1))}>
                  {t('remove')} {t('item', { n: i + 1 })}
                </Button>
              </Group>
            </Stack>
          </fieldset>
        ))}
        <Group>
          <Button size="xs" variant="default" aria-label={`${t('add')}: ${labels.label}`} onClick={() => set([...rows, {}])}>
            {t('add')}
          </Button>
        </Group>
      </Stack>
    </fieldset>
  );
}

/** A list of texts or numbers, one per line. */
function Lines(p: ScalarProps) {
  const { t } = useTexts();
  const { types } = useDrawing();
  const item = resolve(p.schema.items ?? {}, types);
  const list = (p.value as unknown[] | undefined) ?? [];
  const [text, setText] = useState(list.map((v) => (typeof v === 'number' ? written(v, item.format) : String(v))).join('\n'));
  const labels = useLabels(p);
  const read = (line: string) => (item.type === 'integer' ? (parsed(line, item.format) ?? line) : line);
  return (
    <Textarea
      {...labels}
      description={[labels.description, t('list_hint')].filter(Boolean).join('. ').replace('..', '.')}
      autosize
      minRows={2}
      value={text}
      onChange={(e) => {
        setText(e.currentTarget.value);
        const lines = e.currentTarget.value.split('\n').map((l) => l.trim()).filter((l) => l !== '');
        p.onChange(lines.length === 0 ? undefined : lines.map(read));
      }}
    />
  );
}

function Flag(p: ScalarProps) {
  const { required: _, ...labels } = useLabels(p);
  return <Checkbox {...labels} checked={p.value === true} onChange={(e) => p.onChange(e.currentTarget.checked || (p.required ? false : undefined))} />;
}

/** An integer, in the unit that people use. */
function Whole(p: ScalarProps) {
  const { t } = useTexts();
  const format = p.text?.widget === 'money' ? 'money' : p.schema.format;
  const [text, setText] = useState(typeof p.value === 'number' ? written(p.value, format) : '');
  const labels = useLabels(p);
  const hint = format === 'money' ? t('money_hint') : format === 'basis-points' ? t('percent_hint') : undefined;
  // The schema speaks of the smallest units, people do not.
  const own = p.text?.help ? labels.description : format === 'basis-points' ? hint : [labels.description, hint].filter(Boolean).join(' ');
  return (
    <TextInput
      {...labels}
      description={own || undefined}
      inputMode={format === undefined ? 'numeric' : 'decimal'}
      autoComplete="off"
      value={text}
      onChange={(e) => {
        const next = e.currentTarget.value;
        setText(next);
        p.onChange(next.trim() === '' ? undefined : (parsed(next, format) ?? next));
      }}
    />
  );
}

/** A text: chosen, an instant, secret, long or plain. */
function Words(p: ScalarProps) {
  const { t, of } = useTexts();
  const labels = useLabels(p);
  const value = typeof p.value === 'string' ? p.value : '';
  const change = (next: string) => p.onChange(next === '' && !p.required ? undefined : next);
  if (p.schema.enum) {
    const choices = p.schema.enum.map((v) => ({ value: v, label: of(p.text?.choices?.find((c) => c.value === v)?.label) || v.replaceAll('_', ' ') }));
    return <NativeSelect {...labels} data={[{ value: '', label: t('choose') }, ...choices]} value={value} onChange={(e) => p.onChange(e.currentTarget.value || undefined)} />;
  }
  if (p.schema.format === 'date-time') {
    return <Instant {...p} />;
  }
  if (p.schema.format === 'secret') return <Secret {...p} />;
  if (p.text?.widget === 'textarea') return <Textarea {...labels} autosize minRows={2} value={value} onChange={(e) => change(e.currentTarget.value)} />;
  return <TextInput {...labels} autoComplete="off" value={value} onChange={(e) => change(e.currentTarget.value)} />;
}

/** A secret can be written and cleared, never read: what comes from the host is
 * {set: true}. Nothing sent keeps it, null clears it. */
function Secret(p: ScalarProps) {
  const { t } = useTexts();
  const labels = useLabels(p);
  const [known] = useState(typeof p.value === 'object' && p.value !== null && (p.value as { set?: boolean }).set === true);
  return (
    <Stack gap="xs">
      <PasswordInput
        {...labels}
        required={p.required && !known}
        description={[labels.description, known ? t('secret_set') : ''].filter(Boolean).join(' ')}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': t('password.show') }}
        value={typeof p.value === 'string' ? p.value : ''}
        disabled={p.value === null}
        onChange={(e) => p.onChange(e.currentTarget.value === '' ? undefined : e.currentTarget.value)}
      />
      {known && <Checkbox label={t('secret_clear')} checked={p.value === null} onChange={(e) => p.onChange(e.currentTarget.checked ? null : undefined)} />}
    </Stack>
  );
}

/** An instant, by a clock of a zone that is chosen: that of this device at first. */
function Instant(p: ScalarProps) {
  const { t } = useTexts();
  const labels = useLabels(p);
  const [zone, setZone] = useState(here);
  const ms = typeof p.value === 'string' ? Date.parse(p.value) : NaN;
  const change = (shown: string, of: string) => {
    const next = instant(shown, of);
    p.onChange(Number.isNaN(next) ? undefined : new Date(next).toISOString());
  };
  const shown = Number.isNaN(ms) ? '' : clock(ms, zone);
  return (
    <Group align="end" gap="xs" wrap="nowrap">
      <TextInput {...labels} style={{ flex: 1 }} type="datetime-local" value={shown} onChange={(e) => change(e.currentTarget.value, zone)} />
      <NativeSelect
        aria-label={`${labels.label}: ${t('zone')}`}
        data={zones()}
        value={zone}
        onChange={(e) => {
          setZone(e.currentTarget.value);
          change(shown, e.currentTarget.value); // the clock stays, the instant is another
        }}
      />
    </Group>
  );
}
