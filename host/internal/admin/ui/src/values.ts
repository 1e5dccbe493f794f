// Values by path, and bindings between the URL, records and inputs.
import type { Binding, Link, Schema, When } from './api';
import { resolve, type Types } from './schema';

export type Values = Record<string, unknown>;

/** The value at a path with dots. */
export function at(value: unknown, path: string): unknown {
  for (const name of path === '' ? [] : path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Values)[name];
  }
  return value;
}

/** A copy of an object with another value at a path; undefined removes it. */
export function put(object: Values, path: string, value: unknown): Values {
  const dot = path.indexOf('.');
  const name = dot < 0 ? path : path.slice(0, dot);
  const copy = { ...object };
  const next = dot < 0 ? value : put((copy[name] as Values | undefined) ?? {}, path.slice(dot + 1), value);
  if (next === undefined) delete copy[name];
  else copy[name] = next;
  return copy;
}

/** What bindings fill in. A parameter that is not in the URL fills in nothing. */
export function bind(bindings: Binding[] | undefined, query: URLSearchParams, record?: unknown): Values {
  let out: Values = {};
  for (const b of bindings ?? []) {
    const value = b.query !== undefined ? (query.get(b.query) ?? undefined) : b.record !== undefined ? at(record, b.record) : b.value;
    if (value !== undefined) out = put(out, b.field, value);
  }
  return out;
}

/** Where a link leads, as the search part of an address. */
export function search(bindings: Binding[] | undefined, query: URLSearchParams, record?: unknown): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(bind(bindings, query, record))) params.set(name, String(value));
  return params.size === 0 ? '' : '?' + params.toString();
}

/** The values at a path, of every row where it leads through a list. */
export function everywhere(value: unknown, path: string): unknown[] {
  if (Array.isArray(value)) return value.flatMap((v) => everywhere(v, path));
  if (path === '') return value === undefined ? [] : [value];
  const [name = '', ...rest] = path.split('.');
  return typeof value === 'object' && value !== null ? everywhere((value as Values)[name], rest.join('.')) : [];
}

/** Says whether a record has what is asked of it. */
export function meets(record: unknown, when: When | undefined): boolean {
  if (!when) return true;
  const found = everywhere(record, when.field);
  return when.there ? found.length > 0 : found.some((v) => (when.one_of ?? []).includes(v as string));
}

/** The links of a view, one or several. */
export function links(one: Link | Link[] | undefined): Link[] {
  return one === undefined ? [] : Array.isArray(one) ? one : [one];
}

/** What a new record begins with. A path that leads through a list leads to its first row. */
export function begin(bindings: Binding[] | undefined, query: URLSearchParams, raw: Schema, types: Types): Values {
  let out: Values = {};
  for (const b of bindings ?? []) {
    const value = b.query !== undefined ? query.get(b.query) : b.value;
    if (value !== undefined && value !== null) out = plant(out, b.field.split('.'), value, raw, types) as Values;
  }
  return out;
}

function plant(into: unknown, path: string[], value: unknown, raw: Schema, types: Types): unknown {
  const schema = resolve(raw, types);
  if (schema.type === 'array' && (path.length > 0 || !Array.isArray(value))) {
    return [plant((into as unknown[] | undefined)?.[0], path, value, schema.items ?? {}, types)];
  }
  const [name, ...rest] = path;
  if (name === undefined) return value;
  const object = (into as Values | undefined) ?? {};
  return { ...object, [name]: plant(object[name], rest, value, schema.properties?.[name] ?? {}, types) };
}
