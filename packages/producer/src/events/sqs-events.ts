import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { RookeryError } from '@rookery/contracts';
import type { EventMessage, EventSource } from './event-source.ts';
import { parseEvents } from './parse-event.ts';

export interface SqsEventsOptions {
  /** The queue's https address, or its name. */
  readonly queue: string;
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  /** Without them: the standard chain (environment, profile, container, instance). */
  readonly credentials?:
    | { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }
    | undefined;
  /** PEM: who may sign the server's certificate, instead of those that Node trusts. */
  readonly ca?: string | undefined;
  /** Length of one long poll; a shutdown waits for the one under way. Up to 20,000. */
  readonly pollMs?: number | undefined;
  /** For how long a received message is hidden from others. */
  readonly hideMs?: number | undefined;
}

export async function connectSqsEvents(options: SqsEventsOptions): Promise<EventSource> {
  const { endpoint, region, credentials, ca } = options;
  const client = new SQSClient({
    ...(endpoint && { endpoint }),
    ...(region && { region }),
    ...(credentials && { credentials }),
    ...(ca !== undefined && { requestHandler: { httpsAgent: { ca } } }),
  });
  try {
    const url = /^https?:/.test(options.queue)
      ? options.queue
      : (await client.send(new GetQueueUrlCommand({ QueueName: options.queue }))).QueueUrl;
    if (url === undefined) throw new RookeryError('QUEUE_UNAVAILABLE', { detail: options.queue });
    return new SqsEvents(client, url, options);
  } catch (cause) {
    client.destroy();
    throw cause instanceof RookeryError ? cause : unavailable(options.queue, cause);
  }
}

interface SqsEventMessage extends EventMessage {
  readonly handle: string;
}

/** S3 event notifications from an SQS queue, straight, by way of SNS or of EventBridge. */
class SqsEvents implements EventSource {
  constructor(
    private readonly client: SQSClient,
    private readonly url: string,
    private readonly options: SqsEventsOptions,
  ) {}

  async receive(signal: AbortSignal): Promise<readonly EventMessage[]> {
    if (signal.aborted) return [];
    const { pollMs = 5_000, hideMs = 60_000 } = this.options;
    // Not aborted: a request that is given up may still hide the messages that it was about to get.
    const { Messages = [] } = await this.#send(
      new ReceiveMessageCommand({
        QueueUrl: this.url,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: Math.round(pollMs / 1_000),
        VisibilityTimeout: Math.ceil(hideMs / 1_000),
      }),
    );
    const messages = Messages.flatMap(eventMessage);
    if (!signal.aborted) return messages;
    await this.again(messages);
    return [];
  }

  async done(messages: readonly EventMessage[]): Promise<void> {
    for (const ten of inTens(messages)) {
      const { Failed = [] } = await this.#send(
        new DeleteMessageBatchCommand({
          QueueUrl: this.url,
          Entries: ten.map(({ handle }, index) => ({ Id: String(index), ReceiptHandle: handle })),
        }),
      );
      // They come again, and are enqueued again: a repeat.
      if (Failed.some(({ SenderFault }) => !SenderFault))
        throw new RookeryError('QUEUE_UNAVAILABLE', { detail: `${Failed.length} events could not be deleted` });
    }
  }

  async again(messages: readonly EventMessage[]): Promise<void> {
    for (const ten of inTens(messages)) {
      await this.#send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: this.url,
          Entries: ten.map(({ handle }, index) => ({ Id: String(index), ReceiptHandle: handle, VisibilityTimeout: 0 })),
        }),
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.destroy();
  }

  #send: SQSClient['send'] = (async (command: Parameters<SQSClient['send']>[0]) => {
    try {
      return await this.client.send(command);
    } catch (cause) {
      throw unavailable(this.url, cause);
    }
  }) as SQSClient['send'];
}

function eventMessage({ MessageId, Body, ReceiptHandle }: Message): SqsEventMessage[] {
  if (ReceiptHandle === undefined) return [];
  const text = Body ?? '';
  return [{ id: MessageId ?? ReceiptHandle, text, handle: ReceiptHandle, parse: () => parseEvents(text) }];
}

function* inTens(messages: readonly EventMessage[]): Generator<SqsEventMessage[]> {
  // Only what `receive` gave comes back here.
  const own = messages as readonly SqsEventMessage[];
  for (let at = 0; at < own.length; at += 10) yield own.slice(at, at + 10);
}

const unavailable = (queue: string, cause: unknown): RookeryError =>
  new RookeryError('QUEUE_UNAVAILABLE', {
    detail: `${queue}: ${cause instanceof Error ? cause.message : cause}`,
    cause,
  });
