import type { RookeryError } from '@rookery/contracts';
import type { Logger } from '@rookery/telemetry';
import { statusOf } from '../http/status.ts';

interface FailedRequest {
  readonly requestId?: string | undefined;
  readonly route: string | undefined;
  /** Nobody is left to be told. */
  readonly clientGone: boolean;
}

/** What is wrong with the service is logged; what is wrong with a request its caller is told. */
export function logFailure(log: Logger, error: RookeryError, { clientGone, ...request }: FailedRequest): void {
  if (error.code === 'ABORTED' && clientGone) log.debug(request, 'the client has gone');
  else if (statusOf(error.code) < 500 || ['OVERLOADED', 'NOT_IMPLEMENTED'].includes(error.code)) return;
  else if (error.retryable) log.warn({ err: error, ...request }, 'a request failed');
  else log.error({ err: error, ...request }, 'a request failed');
}
