import { describe, expect, it } from 'vitest';
import { MemoryBroker, openQueue } from '../src/index.ts';
import { aTask } from './a-task.ts';
import { keyOf, leaseMs } from './conformance/test-queue.ts';
import { taskQueueConformance } from './task-queue-conformance.ts';

taskQueueConformance('the memory queue', async ({ leaseMs }) => {
  const broker = new MemoryBroker();
  const again = () => openQueue({ kind: 'memory', name: 'tasks', leaseMs, broker });
  const queue = await again();
  return {
    queue,
    again,
    tellsAge: true,
    sendRaw: async (message) => broker.channel('tasks').send([message]),
    [Symbol.asyncDispose]: () => queue[Symbol.asyncDispose](),
  };
});

describe('the memory queue', () => {
  it('delivers in the order of sending', async () => {
    await using queue = await openQueue({ kind: 'memory', name: 'tasks', leaseMs });
    const keys = Array.from({ length: 5_000 }, (_, index) => `${index}`);
    await queue.send(keys.map(aTask));
    const seen: string[] = [];
    for (
      let some = await queue.receive(7, { waitMs: 0 });
      some.length > 0;
      some = await queue.receive(7, { waitMs: 0 })
    ) {
      seen.push(...some.map(keyOf));
      await Promise.all(some.map((delivery) => delivery.ack()));
    }
    expect(seen).toEqual(keys);
  });

  it('shares a queue between the handles of one broker, and only those', async () => {
    const broker = new MemoryBroker();
    await using producer = await openQueue({ kind: 'memory', name: 'tasks', leaseMs, broker });
    await using worker = await openQueue({ kind: 'memory', name: 'tasks', leaseMs, broker });
    await using stranger = await openQueue({ kind: 'memory', name: 'tasks', leaseMs });
    await using neighbour = await openQueue({ kind: 'memory', name: 'others', leaseMs, broker });
    await producer.send([aTask('a')]);
    expect(await stranger.receive(1, { waitMs: 0 })).toEqual([]);
    expect(await neighbour.receive(1, { waitMs: 0 })).toEqual([]);
    expect(await worker.receive(1, { waitMs: 0 })).toHaveLength(1);
  });

  it('brings leases of different lengths back, each in its time', async () => {
    const broker = new MemoryBroker();
    await using long = await openQueue({ kind: 'memory', name: 'tasks', leaseMs: 3_000, broker });
    await using short = await openQueue({ kind: 'memory', name: 'tasks', leaseMs: 1_000, broker });
    await long.send([aTask('a'), aTask('b')]);
    await long.receive(1, { waitMs: 0 });
    await short.receive(1, { waitMs: 0 });
    const back: string[] = [];
    while (back.length < 2) back.push(...(await long.receive(1, { waitMs: 10_000 })).map(keyOf));
    expect(back).toEqual(['b', 'a']);
  });

  it.each([
    { name: 'a:b', leaseMs: 1_000 },
    { name: '', leaseMs: 1_000 },
    { name: 'tasks', leaseMs: 1_500 },
    { name: 'tasks', leaseMs: 0 },
    { name: 'tasks', leaseMs: 86_400_000 },
  ])('refuses $name with a lease of $leaseMs', async (wrong) => {
    await expect(openQueue({ kind: 'memory', ...wrong })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
