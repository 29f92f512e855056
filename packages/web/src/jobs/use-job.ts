import type { JobView } from '@rookery/client';
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app/context.ts';

export interface WatchedJob {
  readonly job: JobView | undefined;
  readonly error: unknown;
  /** Whether the stream of its progress is open; while it is not, it is being opened again. */
  readonly connected: boolean;
  readonly watchAgain: () => void;
}

/** A job as it is, live until it is over. */
export function useJob(id: string): WatchedJob {
  const { client } = useApp();
  const [job, setJob] = useState<JobView>();
  const [error, setError] = useState<unknown>();
  const [connected, setConnected] = useState(true);
  const [round, setRound] = useState(0);

  useEffect(() => {
    const life = new AbortController();
    const { signal } = life;
    const follow = async (): Promise<void> => {
      try {
        const first = await client.jobs.get(id, { signal });
        setJob(first);
        setError(undefined);
        if (first.state === 'complete' || first.state === 'cancelled') return;
        for await (const view of client.jobs.watch(id, { signal, onConnection: setConnected })) setJob(view);
      } catch (thrown) {
        if (!signal.aborted) setError(thrown);
      }
    };
    void follow();
    return () => life.abort();
  }, [client, id, round]);

  return { job, error, connected, watchAgain: () => setRound((old) => old + 1) };
}
