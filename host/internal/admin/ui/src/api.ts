// The platform's part of the API, as far as the admin uses it.

export interface Text {
  it: string;
  en: string;
}

export interface Me {
  principal: string;
  name?: string;
  title?: string;
  language?: string;
  rights: string[];
  stores?: string[];
  must_change?: boolean;
}

export interface Page<T> {
  items: T[];
  next?: string;
}

export interface App {
  id: string;
  name: Text;
  summary: Text;
  kind: string;
  vendor: string;
  category: string;
  version: string;
  contract?: string;
  state: string;
  reason?: string;
  job?: string;
  settings?: boolean;
  newest?: string;
}

export interface Module {
  id: string;
  version: string;
  kind: string;
  name: Text;
  summary: Text;
  vendor: string;
  source: string;
}

export interface Bounds {
  max?: { field: string; max: number }[];
  stores?: string[];
  slot?: string;
}

export interface PlannedApp {
  id: string;
  version: string;
  from?: string;
  name: Text;
  summary: Text;
  vendor: string;
  kind: string;
  needs?: { contract: string; range?: string; optional?: boolean; state: string; by?: string }[];
  grants?: { name: string; why: Text; bounds?: Bounds; change: string }[];
  limits?: { name: string; house: number; asked: number; change: string }[];
  events?: { name: string; change: string }[];
  rights?: { name: string; title: Text }[];
  keeps?: { collection: string; doc?: string; personal?: boolean }[];
  fills?: string[];
  telling?: { level: string; text: Text }[];
}

export interface Plan {
  action: string;
  possible: boolean;
  asks_more: boolean;
  consent: string;
  problems?: { reason: string; app?: string; contract?: string; text: Text; modules?: { id: string; version: string }[] }[];
  apps?: PlannedApp[];
  disables?: string[];
  words: { it?: string[] | null; en?: string[] | null };
}

export interface Job {
  id: string;
  kind: string;
  subject: string;
  apps: string[];
  state: 'running' | 'waiting_consent' | 'done' | 'failed' | 'cancelled';
  steps: { name: string; state: string }[];
  progress: { done: number; total: number };
  error?: { code: string; reason?: string; message: string };
  plan?: Plan;
  begun: string;
  changed: string;
  revision: number;
}

export interface Settings {
  id: string;
  version: string;
  values: Record<string, unknown>;
  schema: Schema;
  types?: Record<string, Schema>;
  etag: string;
}

export interface AppSet {
  id: string;
  name: Text;
  summary: Text;
  modules: { id: string; range?: string; optional?: boolean; available?: string; state?: string; version?: string }[];
}

export interface Collection {
  app: string;
  name: Text;
  collection: string;
  doc?: string;
  key: string[];
  subject?: string;
  fields: { name: string; type: string; format?: string }[];
}

/** The subset of JSON Schema 2020-12 that `bottega build` writes. */
export interface Schema {
  $ref?: string;
  title?: string;
  description?: string;
  type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  format?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
}

export interface Operation {
  name: string;
  kind: 'query' | 'command';
  doc?: string;
  input: Schema;
  output: Schema;
}

export interface Binding {
  field: string;
  query?: string;
  record?: string;
  value?: string | number | boolean;
}

export interface FieldText {
  field: string;
  label?: Text;
  help?: Text;
  widget?: 'text' | 'textarea' | 'hidden' | 'money';
  required?: boolean;
  choices?: { value: string; label: Text }[];
}

export interface Column {
  field: string;
  label: Text;
  format?: string;
  currency?: string;
  badges?: { value: string; label: Text; tone?: 'neutral' | 'good' | 'warning' | 'bad' }[];
}

/** What a record must have: one of the values, or anything at all. In a list one row must. */
export interface When {
  field: string;
  one_of?: (string | number | boolean)[];
  there?: boolean;
}

export interface Link {
  view: string;
  params?: Binding[];
  when?: When;
}

export interface Step {
  /** Without one the step is a link. */
  operation?: string;
  label: Text;
  tone?: 'primary' | 'neutral' | 'danger';
  confirm?: Text;
  params?: Binding[];
  input?: FieldText[];
  when?: When;
  then?: Link;
}

export interface Screen {
  id: string;
  kind: string;
  v?: number;
  title: Text;
  help?: Text;
  icon?: string;
  place?: 'nav' | 'settings' | 'command';
  source?: { operation?: string; items?: string; collection?: string; settings?: boolean };
  params?: Binding[];
  columns?: Column[];
  filters?: FieldText[];
  page?: 'cursor';
  /** The first whose condition a row meets. */
  row_link?: Link | Link[];
  create?: Link | Link[];
  actions?: Step[];
  empty?: Text;
  refresh?: string[];
  submit?: string;
  fields?: FieldText[];
  /** Draws the fields that are named and no others. */
  only?: boolean;
  initial?: Binding[];
  label?: Text;
  tone?: Step['tone'];
  confirm?: Text;
  items?: string;
  /** More lists of an action's answer. */
  sections?: Section[];
  then?: Link;
}

/** One more list of an action's answer. */
export interface Section {
  title: Text;
  items: string;
  columns: Column[];
}

export interface AppScreens {
  app: string;
  version: string;
  name: Text;
  category: string;
  screens: Screen[];
  operations: Operation[];
  types?: Record<string, Schema>;
}

/** The newest vocabulary of screens that this admin draws. */
export const vocabulary = 1;

/** Problem is an answer that is no success (RFC 9457). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly reason: string;
  readonly pointer: string;
  readonly fields: Record<string, unknown>;
  readonly request: string;

  constructor(status: number, body: Record<string, unknown>) {
    super(String(body.detail ?? body.title ?? ''));
    this.status = status;
    this.code = String(body.code ?? '');
    this.reason = String(body.reason ?? '');
    this.pointer = String(body.pointer ?? '');
    this.fields = (body.fields as Record<string, unknown>) ?? {};
    this.request = String(body.request ?? '');
  }
}

export interface Ask {
  method?: string;
  body?: unknown;
  query?: Record<string, string | number | undefined>;
  ifMatch?: string;
  /** A repeated try of the same wish has the same key. */
  key?: string;
  signal?: AbortSignal;
}

/** Asks the host. `path` is below /v1. Throws a Problem, or what fetch throws. */
export async function ask<T>(path: string, a: Ask = {}): Promise<T> {
  const method = a.method ?? 'GET';
  const url = new URL('/v1' + path, location.origin);
  for (const [name, value] of Object.entries(a.query ?? {})) {
    if (value !== undefined && value !== '') url.searchParams.set(name, String(value));
  }
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (a.body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET') headers['Idempotency-Key'] = a.key ?? crypto.randomUUID();
  if (a.ifMatch !== undefined) headers['If-Match'] = a.ifMatch;
  const answer = await fetch(url, { method, headers, body: a.body === undefined ? null : JSON.stringify(a.body), signal: a.signal ?? null });
  const text = await answer.text();
  const body: unknown = text === '' ? {} : JSON.parse(text);
  if (!answer.ok) throw new Problem(answer.status, body as Record<string, unknown>);
  return body as T;
}

/** Runs an operation of an app. */
export function run<T>(operation: string, input: unknown, key?: string): Promise<T> {
  return ask<T>('/' + operation.replace('.', '/'), { method: 'POST', body: input, ...(key === undefined ? {} : { key }) });
}

/** All pages of a list that is short by its nature. */
export async function all<T>(path: string): Promise<T[]> {
  const items: T[] = [];
  let after: string | undefined;
  do {
    const page: Page<T> = await ask<Page<T>>(path, { query: { limit: 200, after } });
    items.push(...page.items);
    after = page.next;
  } while (after);
  return items;
}

/** Says whether somebody has a right: "contract.*" and "*" cover more than one. */
export function may(me: Me, right: string): boolean {
  return me.rights.some((r) => r === '*' || r === right || (r.endsWith('.*') && right.startsWith(r.slice(0, -1))));
}
