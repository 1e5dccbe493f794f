import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { createBrowserRouter, Navigate } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { ask, may, type Me, Problem } from './api';
import { hasChosen, speak, useTexts } from './i18n';
import { Apps } from './pages/Apps';
import { Data, Records } from './pages/Data';
import { JobPage, Jobs } from './pages/Jobs';
import { Login } from './pages/Login';
import { invitation, Password } from './pages/Password';
import { PlanPage, SetPlanPage } from './pages/PlanPage';
import { Sets } from './pages/Sets';
import { SettingsPage } from './pages/SettingsPage';
import { Empty, Loading, Page, Trouble } from './parts';
import { ScreenPage } from './screens/ScreenPage';
import { Session, useMe, useScreens, viewAddress } from './session';
import { Shell } from './Shell';

const router = createBrowserRouter(
  [
    {
      Component: Shell,
      children: [
        { index: true, Component: Home },
        { path: 'apps', Component: Apps },
        { path: 'apps/:id/plan', Component: PlanPage },
        { path: 'apps/:id/settings', Component: SettingsPage },
        { path: 'sets', Component: Sets },
        { path: 'sets/:id/plan', Component: SetPlanPage },
        { path: 'jobs', Component: Jobs },
        { path: 'jobs/:id', Component: JobPage },
        { path: 'data', Component: Data },
        { path: 'data/:app/:collection', Component: Records },
        { path: 'screens/:app/:screen', Component: ScreenPage },
        { path: '*', Component: Lost },
      ],
    },
  ],
  { basename: '/admin' },
);

/** Whoever may manage apps begins there, others with their first screen. */
function Home() {
  const me = useMe();
  const screens = useScreens();
  if (may(me, 'host.apps')) return <Navigate to="/apps" replace />;
  if (screens.isLoading) return <Loading />;
  const first = screens.data?.items.flatMap((o) => o.screens.filter((s) => s.place === 'nav').map((s) => viewAddress(o.app, s.id)))[0];
  return first ? <Navigate to={first} replace /> : <Lost />;
}

function Lost() {
  const { t } = useTexts();
  return (
    <Page title={t('not_found')}>
      <Empty text={t('not_found')} />
    </Page>
  );
}

export function App() {
  const { language } = useTexts();
  const me = useQuery({ queryKey: ['me'], queryFn: ({ signal }) => ask<Me>('/host/me', { signal }), staleTime: Infinity });
  const own = me.data?.language;
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  useEffect(() => {
    if (!hasChosen() && (own === 'it' || own === 'en')) speak(own);
  }, [own]);
  if (me.isLoading) {
    return (
      <main className="door">
        <Loading />
      </main>
    );
  }
  if (invitation() !== '') return <Password invited={invitation()} />;
  if (me.error instanceof Problem && me.error.status === 401) return <Login />;
  if (!me.data) {
    return (
      <main className="door">
        <Trouble error={me.error} retry={() => void me.refetch()} />
      </main>
    );
  }
  if (me.data.must_change) return <Password invited="" />;
  return (
    <Session.Provider value={me.data}>
      <RouterProvider router={router} />
    </Session.Provider>
  );
}
