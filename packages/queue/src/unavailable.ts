import { RookeryError } from '@rookery/contracts';

const textOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** The server did not do what was asked. What has a code already passes through. */
export function unavailable(what: string, cause: unknown, retryable = true): RookeryError {
  if (cause instanceof RookeryError) return cause;
  return new RookeryError('QUEUE_UNAVAILABLE', { detail: `${what}: ${textOf(cause)}`, cause, retryable });
}

export const closed = (name: string): RookeryError =>
  new RookeryError('QUEUE_UNAVAILABLE', { detail: `queue ${name} was closed`, retryable: false });
