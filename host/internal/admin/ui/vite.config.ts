import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// `npm run dev` speaks to a host that runs already: BOTTEGA=http://127.0.0.1:8080.
export default defineConfig({
  logLevel: 'warn',
  base: '/admin/',
  plugins: [react()],
  build: { modulePreload: { polyfill: false }, assetsInlineLimit: 0, target: 'es2022', chunkSizeWarningLimit: 800 },
  server: { proxy: { '/v1': process.env.BOTTEGA ?? 'http://127.0.0.1:8080' } },
});
