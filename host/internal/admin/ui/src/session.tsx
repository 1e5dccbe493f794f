// Who is here, which screens there are, and where addresses of views lead.
import { useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { type App, all, type AppScreens, ask, type Me, type Operation, type Page, type Screen } from './api';

export const Session = createContext<Me>({ principal: '', rights: [] });

export function useMe(): Me {
  return useContext(Session);
}

export function useScreens() {
  return useQuery({ queryKey: ['screens'], queryFn: ({ signal }) => ask<Page<AppScreens>>('/host/screens', { signal }) });
}

export function useApps(enabled = true) {
  return useQuery({ queryKey: ['apps'], queryFn: () => all<App>('/host/apps'), enabled });
}

/** One screen with the operations and schemas of its app. */
export interface View {
  owner: AppScreens;
  screen: Screen;
  operation: (name: string | undefined) => Operation | undefined;
}

export function viewOf(owner: AppScreens, screen: Screen): View {
  return { owner, screen, operation: (name) => owner.operations.find((o) => o.name === name) };
}

export function viewAddress(app: string, screen: string, search = ''): string {
  return `/screens/${app}/${screen}${search}`;
}
