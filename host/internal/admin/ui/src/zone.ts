// Clock times in a zone, for the input of the browser, which knows none.

const minute = 60_000;
const day = 24 * 60 * minute;

/** The zone of this device. */
export const here = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The zones to choose from, that of this device first. */
export function zones(): string[] {
  const own = here();
  return [own, ...Intl.supportedValuesOf('timeZone').filter((z) => z !== own)];
}

/** What a clock shows at an instant: 2026-11-22T17:05. */
export function clock(ms: number, zone: string): string {
  const text = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' }).format(ms);
  return text.replace(' ', 'T');
}

/** How far a zone is ahead of UTC at an instant. */
const ahead = (ms: number, zone: string) => Date.parse(clock(ms, zone) + 'Z') - Math.floor(ms / minute) * minute;

/** The instant at which a clock shows a time: the first of two, and where the clock is
 * put forward over it, the first instant after. */
export function instant(shown: string, zone: string): number {
  const base = Date.parse(shown + 'Z');
  if (Number.isNaN(base)) return base;
  const before = ahead(base - day, zone);
  const after = ahead(base + day, zone);
  const found = [base - before, base - after].sort((a, b) => a - b).find((ms) => clock(ms, zone) === shown);
  if (found !== undefined) return found;
  let ms = base - after;
  while (ahead(ms, zone) !== after) ms += minute;
  return ms;
}
