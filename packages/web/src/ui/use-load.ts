import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export interface Loaded<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  /** Asks again; what was there stays until the answer is here. */
  readonly reload: () => void;
}

/** Asks when the view is shown, and then every `everyMs` while it is visible. The last good answer is kept beside a later error. */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, everyMs?: number): Loaded<T> {
  const [state, setState] = useState<{ data: T | undefined; error: unknown }>({ data: undefined, error: undefined });
  const current = useRef(load);
  current.current = load;
  const running = useRef<AbortController | undefined>(undefined);

  const reload = useCallback((): void => {
    running.current?.abort();
    const mine = new AbortController();
    running.current = mine;
    current.current(mine.signal).then(
      (data) => mine.signal.aborted || setState({ data, error: undefined }),
      (error) => mine.signal.aborted || setState(({ data }) => ({ data, error })),
    );
  }, []);

  useEffect(() => {
    reload();
    return () => running.current?.abort();
  }, [reload]);

  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(() => document.visibilityState === 'visible' && reload(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, reload]);

  return { ...state, reload };
}
