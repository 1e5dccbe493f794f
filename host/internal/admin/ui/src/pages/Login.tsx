import { Alert, Button, PasswordInput, Stack, TextInput, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { ask, Problem } from '../api';
import { useTexts } from '../i18n';
import { useTrouble } from '../parts';

export function Login() {
  const { t } = useTexts();
  const say = useTrouble();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = `${t('login.title')} · Bottega`;
  }, [t]);
  const signIn = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setWrong('');
    try {
      await ask('/host/sessions', { method: 'POST', body: { name, password } });
      await client.resetQueries({ queryKey: ['me'] });
    } catch (error) {
      const wait = error instanceof Problem ? Number(error.fields.retry_after ?? 0) : 0;
      setWrong(wait > 0 ? t('login.wait', { n: wait }) : error instanceof Problem && error.code === 'denied' ? t('login.wrong') : say(error));
      setPassword('');
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="door" id="content">
      <form className="card" onSubmit={(e) => void signIn(e)}>
        <Stack>
          <Title order={1} size="h3">
            Bottega
          </Title>
          <Title order={2} size="h5">
            {t('login.title')}
          </Title>
          {wrong !== '' && (
            <Alert color="red" variant="outline" role="alert">
              {wrong}
            </Alert>
          )}
          <TextInput label={t('login.name')} autoComplete="username" autoCapitalize="none" required value={name} onChange={(e) => setName(e.currentTarget.value)} />
          <PasswordInput label={t('login.password')} autoComplete="current-password" required value={password} onChange={(e) => setPassword(e.currentTarget.value)} visibilityToggleButtonProps={{ 'aria-label': t('password.show') }} />
          <Button type="submit" loading={busy} disabled={name === '' || password === ''}>
            {t('login.submit')}
          </Button>
        </Stack>
      </form>
    </main>
  );
}
