import { AppShell, Burger, Button, Group, NavLink, SegmentedControl } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link, Outlet, useLocation } from 'react-router';
import { ask, may } from './api';
import { type Language, speak, useTexts } from './i18n';
import { Icon } from './icons';
import { useMe, useScreens, viewAddress } from './session';

/** The frame around every page. */
export function Shell() {
  const { t, language } = useTexts();
  const [open, { toggle, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  const me = useMe();
  const client = useQueryClient();
  useEffect(close, [pathname, close]);
  const leave = async () => {
    await ask('/host/sessions/current', { method: 'DELETE' }).catch(() => undefined); // gone already is as good
    client.clear();
    location.assign('/admin/');
  };
  return (
    <AppShell header={{ height: 56 }} navbar={{ width: 250, breakpoint: 'sm', collapsed: { mobile: !open } }} padding="lg">
      <a className="skip" href="#content">
        {t('skip')}
      </a>
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={open} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t('menu')} aria-expanded={open} />
            <Link to="/" className="brand">
              Bottega
            </Link>
          </Group>
          <Group gap="sm" wrap="nowrap">
            <SegmentedControl
              size="xs"
              aria-label={t('language')}
              value={language}
              onChange={(v) => speak(v as Language)}
              data={[
                { value: 'it', label: 'IT' },
                { value: 'en', label: 'EN' },
              ]}
            />
            {me.principal.startsWith('user:') && (
              <Button size="xs" variant="default" onClick={() => void leave()} title={me.title ?? me.name ?? ''}>
                {t('sign_out')}
              </Button>
            )}
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar aria-label={t('navigation')} p="xs" style={{ overflowY: 'auto' }}>
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}

function Navigation() {
  const { t, of } = useTexts();
  const me = useMe();
  const screens = useScreens();
  const host: [string, string, string, string][] = [
    ['/apps', t('apps.title'), 'plug', 'host.apps'],
    ['/sets', t('sets.title'), 'box', 'host.apps'],
    ['/jobs', t('jobs.title'), 'history', 'host.apps'],
    ['/data', t('data.title'), 'table', 'host.data'],
  ];
  const mine = host.filter(([, , , right]) => may(me, right));
  const groups = (screens.data?.items ?? [])
    .map((o) => ({ ...o, screens: o.screens.filter((s) => s.place === 'nav' || s.place === 'command') }))
    .filter((o) => o.screens.length > 0);
  return (
    <>
      {groups.map((o) => (
        <div key={o.app}>
          <div className="nav-title" id={`nav-${o.app}`}>
            {of(o.name)}
          </div>
          <ul className="nav-list" aria-labelledby={`nav-${o.app}`}>
            {o.screens.map((s) => (
              <Item key={s.id} to={viewAddress(o.app, s.id)} label={of(s.title)} icon={s.icon} />
            ))}
          </ul>
        </div>
      ))}
      {mine.length > 0 && (
        <>
          <div className="nav-title" id="nav-host">
            {t('host')}
          </div>
          <ul className="nav-list" aria-labelledby="nav-host">
            {mine.map(([to, label, icon]) => (
              <Item key={to} to={to} label={label} icon={icon} />
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Item({ to, label, icon }: { to: string; label: string; icon: string | undefined }) {
  const { pathname } = useLocation();
  const here = pathname === to || pathname.startsWith(to + '/');
  return (
    <li>
      <NavLink component={Link} to={to} label={label} leftSection={<Icon name={icon} />} active={here} aria-current={here ? 'page' : undefined} variant="subtle" color="gray" className="nav-item" />
    </li>
  );
}
