import { parseTask, RookeryError, type Task } from '@rookery/contracts';
import type { Delivery } from './task-queue.ts';

/** What an adapter can do with one leased message. Each may be called again after it failed. */
export interface Lease {
  extend(): Promise<void>;
  ack(): Promise<void>;
  retry(delayMs: number): Promise<void>;
  bury(reason: RookeryError): Promise<void>;
}

export interface Leased {
  readonly message: string;
  readonly attempt: number;
  readonly sentAt: number | undefined;
}

/** The task, or why the message is none. */
function readTask(message: string): Task | RookeryError {
  try {
    return parseTask(message);
  } catch (thrown) {
    if (thrown instanceof RookeryError) return thrown;
    return new RookeryError('TASK_MALFORMED', { cause: thrown });
  }
}

/**
 * A delivery that is settled once: whatever comes after the first `ack`, `retry` or `bury` does nothing, waits for the
 * first where that is still under way, and takes its place where that failed.
 */
export function deliver({ message, attempt, sentAt }: Leased, lease: Lease): Delivery {
  let settled: Promise<void> | undefined;
  const settle = (how: () => Promise<void>): Promise<void> => {
    settled ??= how().catch((failure: unknown) => {
      settled = undefined;
      throw failure;
    });
    return settled;
  };
  return {
    task: readTask(message),
    attempt,
    sentAt,
    extend: async () => (settled === undefined ? lease.extend() : undefined),
    ack: () => settle(() => lease.ack()),
    retry: (delayMs) => settle(() => lease.retry(Math.max(0, delayMs))),
    bury: (reason) => settle(() => lease.bury(reason)),
  };
}
