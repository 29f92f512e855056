import { RookeryError } from '@rookery/contracts';

/** @throws {RookeryError} ABORTED where the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new RookeryError('ABORTED', { cause: signal.reason });
}
