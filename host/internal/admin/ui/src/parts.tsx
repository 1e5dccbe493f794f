// Small parts that every page uses.
import { Alert, Anchor, Badge, Button, Group, Loader, Stack, Text as Line, Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { Link, useLocation, useNavigationType } from 'react-router';
import { type Column, Problem } from './api';
import { isNumber, show } from './format';
import { useTexts } from './i18n';
import { at } from './values';

/** One page: its title is that of the window, and what a screen reader hears first
 * after the address changed. */
export function Page({ title, intro, actions, children }: { title: string; intro?: string | undefined; actions?: ReactNode; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { pathname } = useLocation();
  const followed = useNavigationType() === 'PUSH'; // not when the window opens
  useEffect(() => {
    document.title = `${title} · Bottega`;
  }, [title]);
  useEffect(() => {
    if (followed) heading.current?.focus({ preventScroll: true });
  }, [pathname, followed]);
  return (
    <Stack gap="lg" maw={1200}>
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={1} size="h2" ref={heading} tabIndex={-1}>
            {title}
          </Title>
          {intro !== undefined && intro !== '' && <Line c="dimmed">{intro}</Line>}
        </div>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}

/** What an error means, in the language of the house, with what the host said. */
export function useTrouble() {
  const { t } = useTexts();
  return (error: unknown): string => {
    if (!(error instanceof Problem)) return t('code.network');
    const key = `code.${error.code}`;
    const general = t(key as 'code.internal');
    return general === key ? error.message : general;
  };
}

export function Trouble({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  const { t } = useTexts();
  const say = useTrouble();
  return (
    <Alert color="red" variant="outline" role="alert" title={say(error)}>
      <Stack gap="xs" align="flex-start">
        {error instanceof Problem && <Line size="sm">{error.message}</Line>}
        {error instanceof Problem && error.request !== '' && (
          <Line size="xs" c="dimmed">
            {t('request', { id: error.request })}
          </Line>
        )}
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            {t('retry')}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

export function Loading() {
  const { t } = useTexts();
  return (
    <Group gap="sm" role="status">
      <Loader size="sm" aria-hidden="true" />
      <Line c="dimmed">{t('loading')}</Line>
    </Group>
  );
}

export function Empty({ text }: { text?: string | undefined }) {
  const { t } = useTexts();
  return (
    <div className="card">
      <Line c="dimmed">{text || t('none')}</Line>
    </div>
  );
}

const tones = { neutral: 'gray', good: 'teal', warning: 'yellow', bad: 'red' } as const;

export function Tone({ tone, children }: { tone: keyof typeof tones | undefined; children: ReactNode }) {
  return (
    <Badge variant="outline" color={tones[tone ?? 'neutral']} miw="max-content" styles={{ label: { color: 'var(--mantine-color-text)', textTransform: 'none' } }}>
      {children}
    </Badge>
  );
}

const states: Record<string, keyof typeof tones> = { enabled: 'good', done: 'good', failed: 'bad', degraded: 'bad', running: 'warning', enabling: 'warning', upgrading: 'warning', waiting_consent: 'warning' };

export function StateBadge({ state, text }: { state: string; text: string }) {
  return <Tone tone={states[state]}>{text}</Tone>;
}

/** One cell of a table. */
export function Cell({ column, record }: { column: Column; record: unknown }) {
  const { t, of, locale } = useTexts();
  const value = at(record, column.field);
  if (column.format === 'badge' && value !== undefined) {
    const badge = column.badges?.find((b) => b.value === value);
    return <Tone tone={badge?.tone}>{badge ? of(badge.label) : String(value)}</Tone>;
  }
  if (typeof value === 'boolean') return value ? t('yes') : t('no');
  const currency = column.currency === undefined ? undefined : at(record, column.currency);
  const text = show(value, column.format, locale, typeof currency === 'string' ? currency : undefined);
  if (column.format === 'email' && text !== '') return <Anchor href={`mailto:${text}`}>{text}</Anchor>;
  return text;
}

export interface TableProps {
  caption: string;
  columns: Column[];
  rows: unknown[];
  /** Where a row leads; undefined for nowhere. */
  link?: ((row: unknown) => string | undefined) | undefined;
  /** What stands at the end of a row. */
  end?: ((row: unknown) => ReactNode) | undefined;
}

/** A table in a box of its own that can be scrolled with the keyboard. */
export function Table({ caption, columns, rows, link, end }: TableProps) {
  const { t, of } = useTexts();
  return (
    <div className="scroll card" role="region" aria-label={caption} tabIndex={0}>
      <table className="plain">
        <thead>
          <tr>
            {columns.map((c) => (
              <th key={c.field} scope="col" className={isNumber(c.format) ? 'number' : undefined}>
                {of(c.label)}
              </th>
            ))}
            {end && <th scope="col">{t('actions')}</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => {
            const to = link?.(row);
            return (
              <tr key={i}>
                {columns.map((c, j) => (
                  <td key={c.field} className={isNumber(c.format) ? 'number' : undefined}>
                    {j === 0 && to !== undefined ? (
                      <Anchor component={Link} to={to} underline="always" fz="inherit">
                        <Cell column={c} record={row} /> {at(row, c.field) === undefined && t('open')}
                      </Anchor>
                    ) : (
                      <Cell column={c} record={row} />
                    )}
                  </td>
                ))}
                {end && <td>{end(row)}</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** A record as it is, for what no view knows how to draw. */
export function Raw({ value }: { value: unknown }) {
  const { t } = useTexts();
  return (
    <pre className="json" tabIndex={0} role="region" aria-label={t('record')}>
      {JSON.stringify(value, null, 2)}
    </pre>
  );
}
