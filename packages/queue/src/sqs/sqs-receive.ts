import { type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { batchSize } from './batcher.ts';
import { call } from './sqs-call.ts';

/** A message with what is needed to settle it. */
export interface Incoming {
  readonly id: string;
  readonly handle: string;
  readonly body: string;
  readonly attempt: number;
  readonly sentAt: number | undefined;
  readonly attributes: NonNullable<Message['MessageAttributes']>;
  /** When it arrived, by the monotonic clock: the lease began a moment before. */
  readonly receivedMs: number;
}

export interface ReceiveRequest {
  readonly queueUrl: string;
  readonly max: number;
  readonly waitSeconds: number;
  readonly leaseSeconds: number;
}

/** One request. It is never cut off before its time: what SQS hands to a connection that is gone stays hidden for a lease. */
export async function receiveOnce(client: SQSClient, request: ReceiveRequest): Promise<Incoming[]> {
  const { Messages = [] } = await call(
    'receiving tasks',
    (options) =>
      client.send(
        new ReceiveMessageCommand({
          QueueUrl: request.queueUrl,
          MaxNumberOfMessages: Math.min(batchSize, request.max),
          WaitTimeSeconds: request.waitSeconds,
          VisibilityTimeout: request.leaseSeconds,
          MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
          MessageAttributeNames: ['All'],
        }),
        options,
      ),
    request.waitSeconds * 1_000 + 10_000,
  );
  const receivedMs = performance.now();
  return Messages.map((message) => ({
    id: message.MessageId ?? '',
    handle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attempt: Math.max(1, Number(message.Attributes?.ApproximateReceiveCount ?? 1)),
    sentAt: message.Attributes?.SentTimestamp === undefined ? undefined : Number(message.Attributes.SentTimestamp),
    attributes: message.MessageAttributes ?? {},
    receivedMs,
  }));
}

/** Up to `max`: one request of ten that may wait, and where that one was full the rest side by side. */
export async function receiveMany(client: SQSClient, request: ReceiveRequest): Promise<Incoming[]> {
  const first = await receiveOnce(client, request);
  if (first.length < batchSize || request.max <= batchSize) return first;
  const more: Promise<Incoming[]>[] = [];
  for (let left = request.max - batchSize; left > 0; left -= batchSize) {
    more.push(receiveOnce(client, { ...request, max: left, waitSeconds: 0 }));
  }
  const rest = await Promise.allSettled(more);
  return [...first, ...rest.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))];
}
