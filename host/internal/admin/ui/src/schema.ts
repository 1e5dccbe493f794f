// What forms need to know of the schema subset: resolving, checking, and numbers
// as people write them.
import type { Schema } from './api';
import type { Values } from './values';

export type Types = Record<string, Schema>;

/** A schema behind its references; a title beside a reference wins. */
export function resolve(schema: Schema, types: Types): Schema {
  let found = schema;
  for (let i = 0; i < 8 && found.$ref !== undefined; i++) {
    const { $ref, ...beside } = found;
    found = { ...(types[$ref.slice('#/types/'.length)] ?? {}), ...beside };
  }
  return found;
}

export interface Fault {
  pointer: string;
  /** Key of a text, with its parameters; or a text of the host. */
  key?: string;
  params?: Record<string, unknown>;
  text?: string;
}

export function token(name: string | number): string {
  return '/' + String(name).replaceAll('~', '~0').replaceAll('/', '~1');
}

/** What is wrong with a value, as far as its schema says. */
export function check(value: unknown, raw: Schema, types: Types, pointer = ''): Fault[] {
  const schema = resolve(raw, types);
  const fault = (key: string, params: Record<string, unknown> = {}): Fault[] => [{ pointer, key, params }];
  switch (schema.type) {
    case 'object':
      return checkObject((value as Values | undefined) ?? {}, schema, types, pointer);
    case 'array': {
      const list = (value as unknown[] | undefined) ?? [];
      if (schema.minItems !== undefined && list.length < schema.minItems) return fault('fault.items_min', { n: schema.minItems });
      if (schema.maxItems !== undefined && list.length > schema.maxItems) return fault('fault.items_max', { n: schema.maxItems });
      return list.flatMap((item, i) => check(item, schema.items ?? {}, types, pointer + token(i)));
    }
    case 'integer':
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) return fault('fault.number');
      if (schema.minimum !== undefined && value < schema.minimum) return fault('fault.min', { n: written(schema.minimum, schema.format) });
      if (schema.maximum !== undefined && value > schema.maximum) return fault('fault.max', { n: written(schema.maximum, schema.format) });
      return [];
    case 'string': {
      const length = [...String(value ?? '')].length;
      if (schema.minLength !== undefined && length < schema.minLength) return fault('fault.length_min', { n: schema.minLength });
      if (schema.maxLength !== undefined && length > schema.maxLength) return fault('fault.length_max', { n: schema.maxLength });
      return [];
    }
  }
  return [];
}

function checkObject(value: Values, schema: Schema, types: Types, pointer: string): Fault[] {
  const faults: Fault[] = [];
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const inside = value[name];
    const needed = schema.required?.includes(name) ?? false;
    if (inside === undefined || (inside === '' && needed)) {
      if (needed && !blank(property, types)) faults.push({ pointer: pointer + token(name), key: 'fault.required' });
      continue;
    }
    faults.push(...check(inside, property, types, pointer + token(name)));
  }
  return faults;
}

/** Required lists and objects may be left empty: they are sent as such. */
function blank(schema: Schema, types: Types): boolean {
  const type = resolve(schema, types).type;
  return type === 'array' || type === 'object' || type === 'boolean';
}

/** Fills in what is required and may be empty, so that the host finds it there. */
export function complete(value: unknown, raw: Schema, types: Types): unknown {
  const schema = resolve(raw, types);
  if (schema.type === 'array') return ((value as unknown[] | undefined) ?? []).map((v) => complete(v, schema.items ?? {}, types));
  if (schema.type === 'boolean') return value ?? false;
  if (schema.type !== 'object') return value;
  const out: Values = { ...(value as Values | undefined) };
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (out[name] !== undefined || (schema.required?.includes(name) && blank(property, types))) out[name] = complete(out[name], property, types);
  }
  return out;
}

/** How many of the smallest units make one of what people write. */
function scale(format: string | undefined): number {
  return format === 'money' || format === 'basis-points' ? 100 : 1;
}

/** An integer as people write it: 1240 of money is 12.40. */
export function written(value: number, format: string | undefined): string {
  const by = scale(format);
  if (by === 1) return String(value);
  return value % by === 0 && format === 'basis-points' ? String(value / by) : (value / by).toFixed(2);
}

/** What somebody wrote as an integer, undefined if it is none. Comma and point
 * both begin the decimals. */
export function parsed(text: string, format: string | undefined): number | undefined {
  const clean = text.trim().replace(',', '.');
  if (!/^[+-]?\d+(\.\d*)?$/.test(clean)) return undefined;
  const value = Math.round(Number(clean) * scale(format) * 1000) / 1000;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Only the properties that a schema knows: what was read may have more than what
 * is written. */
export function pick(value: Values, raw: Schema, types: Types): Values {
  const known = resolve(raw, types).properties ?? {};
  return Object.fromEntries(Object.entries(value).filter(([name]) => name in known));
}
