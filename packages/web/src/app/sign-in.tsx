import type { Client, Session } from '@rookery/client';
import { useState } from 'preact/hooks';
import { Notice } from '../ui/notice.tsx';
import { wordsOf } from '../ui/words.ts';
import { Mark } from './mark.tsx';

/** Exchanges a key for a session that scripts cannot read. The key itself is kept nowhere. */
export const SignIn = ({ client, onSession }: { client: Client; onSession: (session: Session) => void }) => {
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const key = String(new FormData(event.currentTarget as HTMLFormElement).get('key') ?? '').trim();
    setBusy(true);
    setError('');
    try {
      onSession(await client.session.open(key));
    } catch (thrown) {
      setError(wordsOf(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="sign-in card" onSubmit={submit}>
      <Mark />
      <h1>Sign in</h1>
      <p class="muted">This service asks for an API key. Whoever runs it makes one with</p>
      <code class="block">rookery keys create</code>
      <label class="field">
        API key
        <input name="key" type="password" required autocomplete="current-password" spellcheck={false} />
      </label>
      {error && <Notice kind="error">{error}</Notice>}
      <button type="submit" class="button primary" disabled={busy}>
        {busy ? 'Signing in…' : 'Sign in'}
      </button>
    </form>
  );
};
