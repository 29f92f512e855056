import { setTimeout as sleep } from 'node:timers/promises';
import { jittered, RookeryError } from '@rookery/contracts';

export interface RetryOptions {
  readonly attempts: number;
  readonly retryBaseMs: number;
  readonly retryMaxMs: number;
}

/**
 * Tries again what is retryable, after waits that grow and are drawn by lot ("full jitter", AWS Architecture Blog, 2015), or as long as
 * the server asked, plus up to a quarter, so that not everybody comes back at once. `operation` is told which attempt it is, from 1.
 */
export async function withRetries<T>(
  options: RetryOptions,
  signal: AbortSignal | undefined,
  operation: (attempt: number) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation(attempt);
    } catch (error) {
      // Other credentials may come; not while one request waits for its answer.
      const mayPass = error instanceof RookeryError && error.retryable && error.code !== 'STORE_DENIED';
      if (!mayPass || attempt >= options.attempts) throw error;
      const backoffMs = Math.random() * Math.min(options.retryMaxMs, options.retryBaseMs * 2 ** (attempt - 1));
      const askedMs = jittered(error.retryAfterMs ?? 0);
      try {
        await sleep(Math.max(backoffMs, askedMs), undefined, signal ? { signal } : {});
      } catch (cause) {
        throw new RookeryError('ABORTED', { cause });
      }
    }
  }
}
