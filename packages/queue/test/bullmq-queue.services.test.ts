import { randomUUID } from 'node:crypto';
import { RookeryError } from '@rookery/contracts';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startRedis } from '../../../test/services/index.ts';
import '../../../test/services/setup.ts';
import { openQueue } from '../src/index.ts';
import { aJobTask, aTask } from './a-task.ts';
import { receiveOne } from './conformance/test-queue.ts';
import { taskQueueConformance } from './task-queue-conformance.ts';

const { redis } = inject('services');

describe.skipIf(!redis.available)('on Redis', () => {
  let raw: Redis;
  beforeAll(() => {
    raw = new Redis(redis.url, { maxRetriesPerRequest: null });
  });
  afterAll(() => void raw.disconnect());

  taskQueueConformance('the BullMQ queue', async ({ leaseMs }) => {
    const name = `tasks-${randomUUID()}`;
    const again = () => openQueue({ kind: 'bullmq', url: redis.url, name, leaseMs });
    const queue = await again();
    return {
      queue,
      again,
      tellsAge: true,
      async sendRaw(message) {
        const others = new Queue(name, { connection: raw });
        const { id } = await others.add('something', {});
        await raw.hset(`bull:${name}:${id}`, 'data', message);
        await others.close();
      },
      async [Symbol.asyncDispose]() {
        await queue[Symbol.asyncDispose]();
        const keys = await raw.keys(`bull:${name}:*`);
        if (keys.length > 0) await raw.del(...keys);
      },
    };
  });

  const open = (name: string) => openQueue({ kind: 'bullmq', url: redis.url, name, leaseMs: 1_000 });

  it('shows its tasks, its dead letters with their reasons and its workers to dashboards', async () => {
    const name = `tasks-${randomUUID()}`;
    await using queue = await open(name);
    await using dashboard = new ClosingQueue(name, { connection: raw });
    await queue.send([aJobTask(7), aTask('a'), aTask('b')]);
    const waiting = await dashboard.getJobs(['waiting'], 0, -1, true);
    expect(waiting.map(({ name }) => name)).toEqual(['a-job/7', 'event', 'event']);
    expect(waiting[0]?.data).toEqual(aJobTask(7));
    await (await receiveOne(queue)).bury(new RookeryError('TASK_MALFORMED', { detail: 'why' }));
    await (await receiveOne(queue)).ack();
    const [failed] = await dashboard.getFailed();
    expect(failed?.failedReason).toBe('TASK_MALFORMED: why');
    expect(failed?.stacktrace?.[0]).toContain('the message is not a task: why');
    expect(await dashboard.getJobCounts('waiting', 'active', 'failed', 'completed')).toEqual({
      waiting: 1,
      active: 0,
      failed: 1,
      completed: 0,
    });
    const idle = queue.receive(1, { waitMs: 0 });
    await idle;
    await queue.receive(1, { waitMs: 300 });
    expect(await dashboard.getWorkers()).toHaveLength(1);
    // Their retry button.
    await failed?.retry();
    expect((await receiveOne(queue)).task).toEqual(aJobTask(7));
  });

  it('leaves nothing of an acknowledged task in Redis', async () => {
    const name = `tasks-${randomUUID()}`;
    await using queue = await open(name);
    await queue.send(Array.from({ length: 20 }, (_, index) => aTask(`${index}`)));
    const some = await queue.receive(20, { waitMs: 1_000 });
    await Promise.all(some.map((delivery) => delivery.ack()));
    const keys = (await raw.keys(`bull:${name}:*`)).map((key) => key.split(':').at(-1));
    expect(keys.filter((key) => !['meta', 'id', 'events', 'marker', 'stalled-check'].includes(key ?? ''))).toEqual([]);
  });

  it('buries what the queue itself declared failed instead of working on it', async () => {
    const name = `tasks-${randomUUID()}`;
    await using queue = await open(name);
    await queue.send([aTask('given-up'), aTask('b')]);
    await raw.hset(`bull:${name}:1`, 'defa', 'job stalled more than allowable limit');
    expect((await receiveOne(queue)).task).toEqual(aTask('b'));
    expect(await queue.dead.list(10)).toMatchObject([
      { id: '1', reason: { code: 'INTERNAL', detail: 'job stalled more than allowable limit' } },
    ]);
  });

  it('receives a job that has lost its data as a message that is no task', async () => {
    const name = `tasks-${randomUUID()}`;
    await using queue = await open(name);
    await queue.send([aTask('a')]);
    await raw.del(`bull:${name}:1`);
    const delivery = await receiveOne(queue);
    expect(delivery.task).toMatchObject({ code: 'TASK_MALFORMED' });
    await delivery.bury(delivery.task as RookeryError);
    expect((await queue.dead.list(1))[0]?.message).toBe('{}');
  });

  it('asks for a Redis that is there', async () => {
    const opening = openQueue({ kind: 'bullmq', url: 'redis://127.0.0.1:1', name: 'tasks', leaseMs: 1_000 });
    await expect(opening).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE', retryable: true });
  });

  it('lies in the database that its address names, and in no other where there is none', async () => {
    const name = `tasks-${randomUUID()}`;
    const inDatabase = (database: string) =>
      openQueue({ kind: 'bullmq', url: `${redis.url.replace(/\/$/, '')}/${database}`, name, leaseMs: 1_000 });
    await using third = await inDatabase('3');
    await using first = await inDatabase('');
    await third.send([aTask('a')]);
    expect(await third.depth()).toMatchObject({ ready: 1 });
    expect(await first.depth()).toMatchObject({ ready: 0 });
    await (await receiveOne(third)).ack();
    await expect(inDatabase('999')).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
      retryable: false,
      detail: expect.stringContaining('choosing database 999'),
    });
    for (const wrong of ['birds', '0?db=3', '3/4', '#x'])
      await expect(inDatabase(wrong), wrong).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('does not lie in a node of a Redis Cluster', async () => {
    await using node = await startRedis({ cluster: true });
    const opening = openQueue({ kind: 'bullmq', url: node.url, name: 'tasks', leaseMs: 1_000 });
    await expect(opening).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
      retryable: false,
      detail: expect.stringContaining('a node of a Redis Cluster'),
    });
  });

  it('warns of a Redis that may evict tasks', async () => {
    const [, before] = (await raw.config('GET', 'maxmemory-policy')) as [string, string];
    const warnings: string[] = [];
    const log = { warn: (_: object, message: string) => void warnings.push(message), error: () => undefined };
    try {
      await raw.config('SET', 'maxmemory-policy', 'allkeys-lru');
      await using queue = await openQueue({ kind: 'bullmq', url: redis.url, name: 'tasks', leaseMs: 1_000, log });
      expect(queue.name).toBe('tasks');
    } finally {
      await raw.config('SET', 'maxmemory-policy', before);
    }
    expect(warnings).toEqual([expect.stringContaining('noeviction')]);
  });
});

/** What bull-board reads a queue with. */
class ClosingQueue extends Queue {
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
