import { randomUUID } from 'node:crypto';
import { DeleteQueueCommand, GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { RookeryError } from '@rookery/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startSqs } from '../../../test/services/index.ts';
import '../../../test/services/setup.ts';
import { openQueue, type SqsQueueOptions } from '../src/index.ts';
import { aTask } from './a-task.ts';
import { keysOf, receiveOne, sleep } from './conformance/test-queue.ts';
import { taskQueueConformance } from './task-queue-conformance.ts';

const { sqs } = inject('services');

describe.skipIf(!sqs.available)('on an SQS server', () => {
  const server = { endpoint: sqs.endpoint, region: sqs.region };
  let raw: SQSClient;
  beforeAll(() => {
    raw = new SQSClient({ ...server, credentials: { ...sqs.credentials }, useQueueUrlAsEndpoint: false });
  });
  afterAll(() => raw.destroy());

  const options = (name: string, more: Partial<SqsQueueOptions> = {}): SqsQueueOptions => ({
    kind: 'sqs',
    ...server,
    credentials: sqs.credentials,
    name,
    leaseMs: 1_000,
    pollMs: 1_000,
    create: true,
    ...more,
  });
  const urlOf = async (QueueName: string) => (await raw.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl ?? '';
  const remove = async (name: string): Promise<void> => {
    for (const one of [name, `${name}-dead`]) await raw.send(new DeleteQueueCommand({ QueueUrl: await urlOf(one) }));
  };

  taskQueueConformance('the SQS queue', async ({ leaseMs }) => {
    const name = `tasks-${randomUUID()}`;
    const again = () => openQueue(options(name, { leaseMs }));
    const queue = await again();
    return {
      queue,
      again,
      tellsAge: false,
      async sendRaw(MessageBody) {
        await raw.send(new SendMessageCommand({ QueueUrl: await urlOf(name), MessageBody }));
      },
      async [Symbol.asyncDispose]() {
        await queue[Symbol.asyncDispose]();
        await remove(name);
      },
    };
  });

  it('says that a queue is missing where it is not asked to make it', async () => {
    const opening = openQueue(options(`tasks-${randomUUID()}`, { create: false }));
    await expect(opening).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE', retryable: false });
    await expect(opening).rejects.toThrow(/no SQS queue tasks-/);
  });

  it('finds queues that are there, by name or by address, with the dead letters that their policy names', async () => {
    const name = `tasks-${randomUUID()}`;
    await using made = await openQueue(options(name));
    await using named = await openQueue(options(name, { create: false }));
    await using addressed = await openQueue(options('another-name', { create: false, queueUrl: await urlOf(name) }));
    await made.send([aTask('a')]);
    const delivery = await receiveOne(named);
    await delivery.bury(new RookeryError('INTERNAL'));
    expect(await addressed.dead.list(1)).toHaveLength(1);
    await remove(name);
  });

  it('sends many large tasks within the limits of a request', async () => {
    const name = `tasks-${randomUUID()}`;
    await using queue = await openQueue(options(name));
    const large = {
      ...aTask('a'),
      items: Array.from({ length: 55 }, (_, index) => ({ key: `${'k'.repeat(1_000)}${index}` })),
    };
    await queue.send(Array.from({ length: 25 }, () => large));
    const seen = [];
    for (
      let some = await queue.receive(10, { waitMs: 1_000 });
      some.length > 0;
      some = await queue.receive(10, { waitMs: 1_000 })
    ) {
      seen.push(...some);
      await Promise.all(some.map((delivery) => delivery.ack()));
    }
    expect(seen.map(({ task }) => task)).toEqual(Array.from({ length: 25 }, () => large));
    await remove(name);
  });

  it('says so when the queue was deleted, and goes on when it is made again', async () => {
    const name = `tasks-${randomUUID()}`;
    await using queue = await openQueue(options(name, { leaseMs: 30_000 }));
    await queue.send([aTask('a')]);
    const delivery = await receiveOne(queue);
    await remove(name);
    const gone = { code: 'QUEUE_UNAVAILABLE', retryable: true };
    await expect(delivery.ack()).rejects.toMatchObject(gone);
    await expect(delivery.extend()).rejects.toMatchObject(gone);
    await expect(queue.send([aTask('b')])).rejects.toMatchObject(gone);
    await expect(queue.receive(1, { waitMs: 1_000 })).rejects.toMatchObject(gone);
    const receiving = receiveOne(queue, 30_000);
    await using remade = await openQueue(options(name));
    await remade.send([aTask('c')]);
    expect((await receiving).task).toEqual(aTask('c'));
    await remove(name);
  });

  it('goes on when the server is lost and comes back, and says so while it is away', async () => {
    const server = await startSqs();
    const mine = (): SqsQueueOptions => options('tasks', { endpoint: server.endpoint });
    await using queue = await openQueue(mine());
    const waiting = queue.receive(1, { waitMs: 30_000 });
    await sleep(300);
    await server.kill();
    await expect(queue.send([aTask('a')])).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE', retryable: true });
    await expect(queue.receive(1, { waitMs: 100 })).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
      retryable: true,
    });
    await using back = await startSqs({ port: server.port });
    expect(back.port).toBe(server.port);
    await using producer = await openQueue(mine());
    await producer.send([aTask('b')]);
    expect(keysOf(await waiting)).toEqual(['b']);
  });

  it('asks for a server that is there', async () => {
    const opening = openQueue(options('tasks', { endpoint: 'http://127.0.0.1:1' }));
    await expect(opening).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE', retryable: true });
  });
});
