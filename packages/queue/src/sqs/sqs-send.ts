import { type MessageAttributeValue, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { RookeryError, throwIfAborted } from '@rookery/contracts';
import { unavailable } from '../unavailable.ts';
import { batchSize, EntryRefused, readFailures, sendBatch } from './batcher.ts';
import { call } from './sqs-call.ts';

export interface Outgoing {
  readonly body: string;
  readonly attributes?: Record<string, MessageAttributeValue>;
}

/** Bytes in one request. SQS takes 1 MiB since 2025, before that and elsewhere 256 KiB; it charges by 64 KiB either way. */
const requestBytes = 250_000;
const requestsAtOnce = 8;

const bytesOf = ({ body, attributes = {} }: Outgoing): number =>
  Object.entries(attributes).reduce(
    (sum, [name, { StringValue = '' }]) => sum + Buffer.byteLength(name) + Buffer.byteLength(StringValue) + 10,
    Buffer.byteLength(body),
  );

/** As few requests as the limits allow, in order. */
export function packMessages(messages: readonly Outgoing[]): Outgoing[][] {
  const packed: Outgoing[][] = [];
  let current: Outgoing[] = [];
  let left = 0;
  for (const message of messages) {
    const bytes = bytesOf(message);
    if (current.length === 0 || current.length === batchSize || bytes > left) {
      current = [];
      packed.push(current);
      left = requestBytes;
    }
    current.push(message);
    left -= bytes;
  }
  return packed;
}

/**
 * Sends all, or throws.
 *
 * @throws {RookeryError} QUEUE_UNAVAILABLE, TASK_TOO_LARGE, ABORTED
 */
export async function sendMessages(
  client: SQSClient,
  QueueUrl: string,
  messages: readonly Outgoing[],
  signal?: AbortSignal,
): Promise<void> {
  const left = packMessages(messages).reverse();
  const sendSome = async (): Promise<void> => {
    for (let batch = left.pop(); batch !== undefined; batch = left.pop()) {
      throwIfAborted(signal);
      const outcomes = await sendBatch(batch, (some) => sendRequest(client, QueueUrl, some));
      for (const failure of outcomes) if (failure !== undefined) throw refusal(failure);
    }
  };
  try {
    await Promise.all(Array.from({ length: requestsAtOnce }, sendSome));
  } finally {
    // After a failure the others stop as well.
    left.length = 0;
  }
}

async function sendRequest(client: SQSClient, QueueUrl: string, messages: readonly Outgoing[]) {
  const Entries = messages.map(({ body, attributes }, index) => ({
    Id: String(index),
    MessageBody: body,
    ...(attributes !== undefined && { MessageAttributes: attributes }),
  }));
  const { Failed } = await call('sending tasks', (options) =>
    client.send(new SendMessageBatchCommand({ QueueUrl, Entries }), options),
  );
  return readFailures(Failed);
}

const refusal = (failure: Error): RookeryError =>
  failure instanceof EntryRefused && /TooLong|TooLarge/i.test(failure.code)
    ? new RookeryError('TASK_TOO_LARGE', { cause: failure })
    : unavailable('sending tasks', failure, false);
