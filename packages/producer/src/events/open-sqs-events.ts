import type { EventSource } from './event-source.ts';
import type { SqsEventsOptions } from './sqs-events.ts';

/**
 * S3 event notifications from an SQS queue. The SDK is loaded here, not before.
 * @throws {RookeryError} QUEUE_UNAVAILABLE where the queue does not answer or is not there.
 */
export async function openSqsEvents(options: SqsEventsOptions): Promise<EventSource> {
  const { connectSqsEvents } = await import('./sqs-events.ts');
  return connectSqsEvents(options);
}
