import { RookeryError } from './errors.ts';

/** @throws {RookeryError} ABORTED where the signal has fired, with its reason as the cause. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new RookeryError('ABORTED', { cause: signal.reason });
}
