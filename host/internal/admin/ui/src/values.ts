// Values by path, and bindings between the URL, records and inputs.
import type { Binding } from './api';

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
