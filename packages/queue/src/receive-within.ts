import { pause, RookeryError } from '@rookery/contracts';
import type { Delivery, ReceiveOptions } from './task-queue.ts';

/** What one request brought. */
interface Received {
  readonly deliveries: Delivery[];
  /** Resolves when it is worth asking again, after `leftMs` at the latest. */
  whenToAsk(leftMs: number): Promise<void>;
}

interface Asking {
  /** Fires when the queue is closed. */
  readonly closing: AbortSignal;
  readonly pauseAfterFailureMs: number;
  /** One request, with the time that is left. Resolves to `undefined` where the caller no longer waits. */
  ask(leftMs: number): Promise<Received | undefined>;
}

/**
 * Asks a server for tasks until some come or `waitMs` are over; `[]` then, and once a signal has fired. Failures that may pass are tried
 * again; one is thrown where the time ends with it.
 */
export async function receiveWithin(
  { waitMs, signal }: ReceiveOptions,
  { closing, pauseAfterFailureMs, ask }: Asking,
): Promise<Delivery[]> {
  const endMs = performance.now() + waitMs;
  const leftMs = (): number => endMs - performance.now();
  while (!closing.aborted && !signal?.aborted) {
    let received: Received;
    try {
      const answer = await ask(Math.max(0, leftMs()));
      if (answer === undefined || answer.deliveries.length > 0) return answer?.deliveries ?? [];
      received = answer;
    } catch (thrown) {
      if (!(thrown instanceof RookeryError && thrown.retryable) || leftMs() <= 0) throw thrown;
      await pause(Math.min(leftMs(), pauseAfterFailureMs), signal, closing);
      continue;
    }
    if (leftMs() <= 0) break;
    await received.whenToAsk(leftMs());
  }
  return [];
}
