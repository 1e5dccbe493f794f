// Cells: what a value looks like in the language of the house.

const date: Intl.DateTimeFormatOptions = { dateStyle: 'medium' };
const instant: Intl.DateTimeFormatOptions = { dateStyle: 'medium', timeStyle: 'short' };

/** Money in minor units of a currency; without one, with two decimals. */
export function money(amount: number, currency: string | undefined, language: string): string {
  if (currency === undefined || !/^[A-Z]{3}$/.test(currency)) {
    return new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(amount / 100);
  }
  const format = new Intl.NumberFormat(language, { style: 'currency', currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

export function percent(basisPoints: number, language: string): string {
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 }).format(basisPoints / 10_000);
}

function when(value: string, language: string, options: Intl.DateTimeFormatOptions): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return new Intl.DateTimeFormat(language, { ...date, timeZone: 'UTC' }).format(new Date(value));
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? value : new Intl.DateTimeFormat(language, options).format(time);
}

function country(code: string, language: string): string {
  try {
    return new Intl.DisplayNames(language, { type: 'region' }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** The beginning of what is too much for a cell. */
function brief(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? text.slice(0, 59) + '…' : text;
}

/** A value as text. */
export function show(value: unknown, format: string | undefined, language: string, currency?: string): string {
  if (value === undefined || value === null) return '';
  switch (format) {
    case 'money':
      return money(Number(value), currency, language);
    case 'percent':
      return percent(Number(value), language);
    case 'date':
      return when(String(value), language, date);
    case 'datetime':
      return when(String(value), language, instant);
    case 'integer':
    case 'quantity':
      return new Intl.NumberFormat(language).format(Number(value));
    case 'country':
      return country(String(value), language);
    case 'count':
      return String(Array.isArray(value) ? value.length : 0);
    case 'json':
      return brief(value);
  }
  if (Array.isArray(value) && value.every((v) => typeof v !== 'object')) return value.join(', ');
  if (typeof value === 'object') return brief(value);
  if (typeof value === 'number') return new Intl.NumberFormat(language).format(value);
  return String(value);
}

/** The format that a schema implies. */
export function implied(type: string, format: string | undefined): string {
  if (format === 'money') return 'money';
  if (format === 'basis-points') return 'percent';
  if (format === 'date-time') return 'datetime';
  if (type === 'boolean') return 'boolean';
  return type === 'integer' ? 'integer' : type === 'object' ? 'json' : 'text';
}

/** Numbers stand at the right. */
export function isNumber(format: string | undefined): boolean {
  return format === 'money' || format === 'percent' || format === 'integer' || format === 'quantity' || format === 'count';
}
