import { setNonce } from 'get-nonce';

// The host writes a nonce into each page; styles that components add carry it.
export const nonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.nonce ?? '';
setNonce(nonce);

interface Policies {
  createPolicy(name: string, rules: { createHTML(text: string): string | null }): unknown;
}

// Under "require-trusted-types-for" text that is set as markup passes here: style
// sheets do, anything with a tag in it does not.
const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;
policies?.createPolicy('default', { createHTML: (text) => (text.includes('<') ? null : text) });
