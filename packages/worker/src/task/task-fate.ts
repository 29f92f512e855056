import type { RookeryError } from '@rookery/contracts';
import type { Delivery } from '@rookery/queue';
import { backoffMs, retryMs } from './backoff.ts';

/** What becomes of a task that could not be done. */
export type TaskFate =
  | { readonly is: 'dropped' }
  | { readonly is: 'buried' }
  | { readonly is: 'again'; delayMs: number };

/** An unknown version waits this long for a newer worker. */
const unknownVersionForMs = 3_600_000;

/** Milliseconds. */
const delays = { TASK_VERSION_UNKNOWN: 30_000, PIN_UNAVAILABLE: 3_000, retryable: 2_000, other: 30_000 };

export function fateOf(error: RookeryError, delivery: Pick<Delivery, 'sentAt' | 'attempt'>): TaskFate {
  const { code, retryAfterMs } = error;
  if (code === 'JOB_NOT_FOUND') return { is: 'dropped' };
  const isOver = code === 'TASK_VERSION_UNKNOWN' && hasWaited(delivery);
  if (code === 'TASK_MALFORMED' || code === 'BUCKET_REFUSED' || isOver) return { is: 'buried' };
  return { is: 'again', delayMs: retryMs(retryAfterMs, delayOf(error, delivery.attempt)) };
}

const hasWaited = ({ sentAt, attempt }: Pick<Delivery, 'sentAt' | 'attempt'>): boolean =>
  sentAt === undefined
    ? attempt * delays.TASK_VERSION_UNKNOWN > unknownVersionForMs
    : Date.now() - sentAt > unknownVersionForMs;

function delayOf(error: RookeryError, attempt: number): number {
  if (error.code === 'TASK_VERSION_UNKNOWN') return delays.TASK_VERSION_UNKNOWN;
  if (error.code === 'PIN_UNAVAILABLE') return backoffMs(attempt, delays.PIN_UNAVAILABLE, 60_000);
  return error.retryable ? backoffMs(attempt, delays.retryable, 60_000) : delays.other;
}
