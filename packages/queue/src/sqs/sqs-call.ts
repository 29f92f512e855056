import { SQSClient, type SQSClientConfig, type SQSServiceException } from '@aws-sdk/client-sqs';
import type { SqsQueueOptions } from '../options.ts';
import { unavailable } from '../unavailable.ts';

/** How long a call other than a long poll may take, its retries included. */
const callTimeoutMs = 15_000;

/** The SDK's own retries: three attempts with jitter for throttling, server errors and broken connections. */
export function createClient({ endpoint, region, credentials, ca }: SqsQueueOptions): SQSClient {
  const config: SQSClientConfig = {
    ...(region !== undefined && { region }),
    // A copy: the SDK writes into it.
    ...(credentials !== undefined && { credentials: { ...credentials } }),
    // A server of our own names itself in the queue's address as it sees itself: ask where we were told to.
    ...(endpoint !== undefined && { endpoint, useQueueUrlAsEndpoint: false }),
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 3_000, httpsAgent: { maxSockets: 100, ca }, httpAgent: { maxSockets: 100 } },
  };
  return new SQSClient(config);
}

/** Too many at once, or a queue that was deleted and may be made again. */
const passing = /Throttl|TooManyRequests|OverLimit|NonExistentQueue|QueueDoesNotExist|QueueDeletedRecently/;

/** Not worth repeating as it is: somebody must change permissions, the configuration or the message. */
function isRefusal(cause: unknown): boolean {
  const { $fault, name = '', message = '' } = cause as Partial<SQSServiceException>;
  return message === 'Region is missing' || ($fault === 'client' && !passing.test(name));
}

/**
 * Runs one request, bounded in time.
 *
 * @throws {RookeryError} QUEUE_UNAVAILABLE
 */
export async function call<T>(
  what: string,
  request: (options: { abortSignal: AbortSignal }) => Promise<T>,
  timeoutMs = callTimeoutMs,
): Promise<T> {
  try {
    return await request({ abortSignal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
    throw unavailable(what, cause, !isRefusal(cause));
  }
}

/** The SDK's name of what went wrong, such as `QueueDoesNotExist`. */
export const errorName = (thrown: unknown): string => {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  return cause instanceof Error ? cause.name : '';
};
