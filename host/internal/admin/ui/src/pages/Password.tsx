// Choosing a password: by invitation, or instead of one that somebody else chose.
import { Alert, Button, PasswordInput, Stack, Title } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { ask, Problem } from '../api';
import { useTexts } from '../i18n';
import { useTrouble } from '../parts';

/** An invitation is a link with its secret behind the "#", which no browser sends. */
export function invitation(): string {
  return location.pathname === '/admin/invitation' ? location.hash.slice(1) : '';
}

export function Password({ invited }: { invited: string }) {
  const { t } = useTexts();
  const say = useTrouble();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const title = t('password.title');
  useEffect(() => {
    document.title = `${title} · Bottega`;
  }, [title]);
  const choose = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setWrong('');
    try {
      if (invited !== '') await ask('/host/invitations', { method: 'POST', body: { invitation: invited, password } });
      else await ask('/host/me/password', { method: 'POST', body: { current, password } });
      location.replace('/admin/'); // the secret leaves the address
    } catch (error) {
      setWrong(error instanceof Problem ? `${say(error)} ${error.message}` : say(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="door" id="content">
      <form className="card" onSubmit={(e) => void choose(e)}>
        <Stack>
          <Title order={1} size="h3">
            Bottega
          </Title>
          <Title order={2} size="h5">
            {title}
          </Title>
          {wrong !== '' && (
            <Alert color="red" variant="outline" role="alert">
              {wrong}
            </Alert>
          )}
          {invited === '' && (
            <PasswordInput label={t('password.current')} autoComplete="current-password" required value={current} onChange={(e) => setCurrent(e.currentTarget.value)} visibilityToggleButtonProps={{ 'aria-label': t('password.show') }} />
          )}
          <PasswordInput label={t('password.next')} description={t('password.hint')} autoComplete="new-password" required value={password} onChange={(e) => setPassword(e.currentTarget.value)} visibilityToggleButtonProps={{ 'aria-label': t('password.show') }} />
          <Button type="submit" loading={busy} disabled={password === '' || (invited === '' && current === '')}>
            {t('save')}
          </Button>
        </Stack>
      </form>
    </main>
  );
}
