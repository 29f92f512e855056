import { RookeryError } from '@rookery/contracts';

/** What ends a request to an address before its answer is there: its time, or whoever asked. */
export interface TimeLimit extends Disposable {
  /** Fires at either. */
  readonly signal: AbortSignal;
  /** Ends the time now. */
  readonly expire: () => void;
  /** What the work resolves to, or a rejection as soon as the signal fires: resolving a name cannot be aborted, waiting for it can. */
  race<T>(work: Promise<T>): Promise<T>;
  /** What a failure is called: ABORTED, URL_TIMED_OUT, else URL_FAILED; one with a code keeps it. */
  named(address: string, error: unknown): RookeryError;
}

export function timeLimit(timeoutMs: number, outer: AbortSignal | undefined): TimeLimit {
  const timeout = new AbortController();
  const expire = (): void => timeout.abort();
  const timer = setTimeout(expire, timeoutMs);
  const signal = outer ? AbortSignal.any([outer, timeout.signal]) : timeout.signal;
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => {});
  return {
    signal,
    expire,
    race: (work) => Promise.race([work, aborted]),
    named(address, error) {
      if (error instanceof RookeryError) return error;
      if (outer?.aborted) return new RookeryError('ABORTED', { cause: error });
      if (timeout.signal.aborted) return new RookeryError('URL_TIMED_OUT', { detail: address, cause: error });
      const detail = `${address}: ${error instanceof Error ? error.message : error}`;
      return new RookeryError('URL_FAILED', { detail, cause: error, retryable: true });
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
