import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useSearchParams } from 'react-router';
import type { FieldText, Schema } from '../api';
import { useTexts } from '../i18n';
import { parsed, resolve, type Types } from '../schema';
import type { View } from '../session';

/** The schema of a field of an input. */
function schemaOf(field: string, input: Schema | undefined, types: Types): Schema {
  let schema = input ? resolve(input, types) : {};
  for (const name of field.split('.')) schema = resolve(schema.properties?.[name] ?? {}, types);
  return schema;
}

/** What the URL says of a field, as its schema wants it. */
export function filtered(field: string, query: URLSearchParams, input: Schema | undefined, types: Types): unknown {
  const text = query.get(field)?.trim();
  if (!text) return undefined;
  const schema = schemaOf(field, input, types);
  if (schema.type === 'array') return text.split(/[\s,;]+/).filter((s) => s !== '');
  if (schema.type === 'integer') return parsed(text, schema.format);
  if (schema.type === 'boolean') return text === 'true';
  return text;
}

/** The filters of a table. What is chosen stands in the URL. */
export function Filters({ view }: { view: View }) {
  const { t } = useTexts();
  const [query, setQuery] = useSearchParams();
  const fields = view.screen.filters ?? [];
  const [draft, setDraft] = useState<Record<string, string>>(() => Object.fromEntries(fields.map((f) => [f.field, query.get(f.field) ?? ''])));
  if (fields.length === 0) return null;
  const apply = (event: FormEvent) => {
    event.preventDefault();
    setQuery((before) => {
      const next = new URLSearchParams(before);
      for (const [name, value] of Object.entries(draft)) {
        if (value.trim() === '') next.delete(name);
        else next.set(name, value.trim());
      }
      return next;
    });
  };
  return (
    <form onSubmit={apply} role="search">
      <Group align="flex-end">
        {fields.map((f) => (
          <Filter key={f.field} view={view} field={f} value={draft[f.field] ?? ''} onChange={(v) => setDraft({ ...draft, [f.field]: v })} />
        ))}
        <Button type="submit" variant="default">
          {t('filter')}
        </Button>
      </Group>
    </form>
  );
}

function Filter({ view, field, value, onChange }: { view: View; field: FieldText; value: string; onChange: (value: string) => void }) {
  const { t, of } = useTexts();
  const schema = schemaOf(field.field, view.operation(view.screen.source?.operation)?.input, view.owner.types ?? {});
  const label = of(field.label) || schema.title || field.field;
  const choices = schema.enum ?? (schema.type === 'boolean' ? ['true', 'false'] : undefined);
  if (choices) {
    const name = (v: string) => of(field.choices?.find((c) => c.value === v)?.label) || (v === 'true' ? t('yes') : v === 'false' ? t('no') : v.replaceAll('_', ' '));
    return <NativeSelect label={label} required={field.required ?? false} data={[{ value: '', label: t('all') }, ...choices.map((v) => ({ value: v, label: name(v) }))]} value={value} onChange={(e) => onChange(e.currentTarget.value)} />;
  }
  return <TextInput label={label} required={field.required ?? false} value={value} autoComplete="off" onChange={(e) => onChange(e.currentTarget.value)} />;
}
