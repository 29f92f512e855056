import { type Client, ServiceError, type Session } from '@rookery/client';
import { useState } from 'preact/hooks';
import { Notice } from '../ui/notice.tsx';
import { wordsOf } from '../ui/words.ts';
import { Mark } from './mark.tsx';

interface SignInProps {
  client: Client;
  /** Whether there was a session that has ended. */
  ended: boolean;
  onSession: (session: Session) => void;
}

/** Exchanges a key for a session that scripts cannot read. The key itself is not stored anywhere. */
export const SignIn = ({ client, ended, onSession }: SignInProps) => {
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
      const unknown = thrown instanceof ServiceError && thrown.code === 'UNAUTHENTICATED';
      setError(unknown ? 'This key is not known here, or it was revoked.' : wordsOf(thrown));
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
      {ended && !error && <Notice kind="info">Your session has ended. Sign in to go on where you were.</Notice>}
      {error && <Notice kind="error">{error}</Notice>}
      <button type="submit" class="button primary" disabled={busy}>
        {busy ? 'Signing in…' : 'Sign in'}
      </button>
    </form>
  );
};
