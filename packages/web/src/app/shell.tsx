import { createClient, type Session } from '@rookery/client';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { ClassifyQueue } from '../classify/classify-queue.ts';
import { JobUpload } from '../jobs/job-upload.ts';
import { Trouble } from '../ui/trouble.tsx';
import { Announcer } from './announcer.tsx';
import { AppContext } from './context.ts';
import { Header } from './header.tsx';
import { SignIn } from './sign-in.tsx';
import { Views } from './views.tsx';

/** The page around its views. It asks who is signed in, and shows the sign-in where the service asks for a key. */
export const Shell = () => {
  const [session, setSession] = useState<Session>();
  const [error, setError] = useState<unknown>();
  const client = useMemo(
    () =>
      createClient({
        onError: ({ code }) => {
          if (code === 'UNAUTHENTICATED') setSession((old) => old && { ...old, authenticated: false });
        },
      }),
    [],
  );
  const kept = useMemo(() => ({ pictures: new ClassifyQueue(client), upload: new JobUpload(client) }), [client]);

  const ask = (): void => {
    setError(undefined);
    client.session.get().then(setSession, setError);
  };
  useEffect(ask, [client]);

  const signedIn = session && (!session.authentication || session.authenticated);
  useEffect(() => {
    if (signedIn) kept.pictures.goOn();
  }, [signedIn]);
  const leave = async (): Promise<void> => {
    await client.session.close();
    kept.pictures.clear();
    ask();
  };

  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the content
      </button>
      <Header session={signedIn ? session : undefined} onLeave={leave} />
      <main id="main" tabIndex={-1}>
        {error !== undefined && <Trouble error={error} onRetry={ask} />}
        {session && !signedIn && <SignIn client={client} ended={session.name !== null} onSession={setSession} />}
        {signedIn && (
          <AppContext.Provider value={{ client, session, ...kept }}>
            <Views />
          </AppContext.Provider>
        )}
      </main>
      <footer>
        <a href="/docs">The API</a> answers the same at <code>/v1</code>
      </footer>
      <Announcer />
    </>
  );
};
