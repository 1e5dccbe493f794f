import { nonce } from './nonce';
import '@mantine/core/styles.css';
import './main.css';
import { MantineProvider } from '@mantine/core';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Problem } from './api';
import { App } from './App';
import './i18n';
import { theme, variables } from './theme';

// A session that is over leads back to the door, wherever it is noticed.
function noticed(error: unknown): void {
  if (error instanceof Problem && error.status === 401) void client.invalidateQueries({ queryKey: ['me'] });
}

const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: (error, query) => query.queryKey[0] !== 'me' && noticed(error) }),
  mutationCache: new MutationCache({ onError: noticed }),
  defaultOptions: { queries: { retry: (n, error) => !(error instanceof Problem && error.status < 500) && n < 2, staleTime: 5_000 } },
});

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto" getStyleNonce={() => nonce}>
        <QueryClientProvider client={client}>
          <App />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
