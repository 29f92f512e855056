import { randomUUID } from 'node:crypto';
import { CreateQueueCommand, DeleteQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { FsStore } from '@rookery/storage';
import { silentLogger } from '@rookery/telemetry';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import '../../../test/services/setup.ts';
import { type EventMessage, Ingest, openSqsEvents } from '../src/index.ts';
import { aBucket, aMemoryQueue, aPin, tempFolder } from './fixtures.ts';

const { sqs } = inject('services');

const created = (bucket: string, key: string): string =>
  JSON.stringify({ Records: [{ eventName: 'ObjectCreated:Put', s3: { bucket: { name: bucket }, object: { key } } }] });

describe.skipIf(!sqs.available)('bucket events from an SQS server', () => {
  const server = { endpoint: sqs.endpoint, region: sqs.region };
  let raw: SQSClient;
  beforeAll(() => {
    raw = new SQSClient({ ...server, credentials: { ...sqs.credentials }, useQueueUrlAsEndpoint: false });
  });
  afterAll(() => raw.destroy());

  async function anEventQueue() {
    const queue = `events-${randomUUID()}`;
    const QueueUrl = (await raw.send(new CreateQueueCommand({ QueueName: queue }))).QueueUrl ?? '';
    const source = await openSqsEvents({
      queue,
      ...server,
      credentials: { ...sqs.credentials },
      pollMs: 1_000,
      hideMs: 2_000,
    });
    onTestFinished(async () => {
      await source[Symbol.asyncDispose]();
      await raw.send(new DeleteQueueCommand({ QueueUrl }));
    });
    const send = (MessageBody: string) => raw.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    /** Until one comes. */
    const receive = async (): Promise<readonly EventMessage[]> => {
      for (let attempt = 0; attempt < 10; attempt++) {
        const messages = await source.receive(new AbortController().signal);
        if (messages.length > 0) return messages;
      }
      return [];
    };
    return { source, send, receive };
  }

  it('a message that is not done comes again, one that is does not', async () => {
    const { source, send, receive } = await anEventQueue();
    await send(created('b', 'a.jpg'));
    const [first] = await receive();
    expect(first?.parse().events).toMatchObject([{ kind: 'created', bucket: 'b', key: 'a.jpg' }]);
    // Hidden for two seconds, then it is back by itself; given back, it is there at once.
    const second = await receive();
    expect(second.map(({ id }) => id)).toEqual([first?.id]);
    await source.again(second);
    const third = await receive();
    await source.done(third);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await source.receive(new AbortController().signal)).toEqual([]);
  });

  it('what a shutdown receives is given back at once', async () => {
    const { source, send, receive } = await anEventQueue();
    const abort = new AbortController();
    const pending = source.receive(abort.signal);
    await new Promise((resolve) => setTimeout(resolve, 200));
    abort.abort();
    await send(created('b', 'a.jpg'));
    expect(await pending).toEqual([]);
    expect(await receive()).toHaveLength(1);
  });

  it('a queue that is not there is said to be missing', async () => {
    const missing = openSqsEvents({ queue: 'no-such-queue', ...server, credentials: { ...sqs.credentials } });
    await expect(missing).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
  });

  it('events become tasks, and are gone from the queue once those are enqueued', async () => {
    const { bucket, store: pictures } = await aBucket(['a b.jpg']);
    const { source, send } = await anEventQueue();
    const queue = await aMemoryQueue('test-events');
    const store = new FsStore(await tempFolder(), { sync: false });
    const ingest = new Ingest({
      source,
      store,
      open: () => pictures,
      queue,
      pinFor: () => aPin,
      top: 3,
      log: silentLogger,
    });
    for (const body of [created(bucket, 'a+b.jpg'), 'not JSON', created(bucket, 'notes.txt')]) await send(body);
    ingest.start();
    await vi.waitFor(() => expect(ingest.stats).toMatchObject({ messages: 3, tasks: 1, refused: 1, ignored: 1 }), {
      timeout: 20_000,
    });
    await ingest[Symbol.asyncDispose]();
    const [delivery] = await queue.receive(1, { waitMs: 0 });
    expect(delivery?.task).toMatchObject({ bucket, items: [{ key: 'a b.jpg' }] });
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await source.receive(new AbortController().signal)).toEqual([]);
  });
});
