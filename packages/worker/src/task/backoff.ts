import { setTimeout as sleep } from 'node:timers/promises';
import { jittered, RookeryError } from '@rookery/contracts';

/** Full jitter: anywhere up to `firstMs * 2^(attempt - 1)`, never above `maxMs`, at least a tenth of it. Attempts count from 1. */
export function backoffMs(attempt: number, firstMs: number, maxMs: number): number {
  const ceiling = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 20));
  return Math.round(ceiling * (0.1 + 0.9 * Math.random()));
}

/** As long as the other side asked for, and somewhat longer; the backoff where it asked for nothing. */
export function retryMs(askedMs: number | undefined, backoff: number): number {
  return askedMs ? Math.ceil(jittered(askedMs)) : backoff;
}

/** @throws {RookeryError} ABORTED */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (cause) {
    throw new RookeryError('ABORTED', { cause });
  }
}
