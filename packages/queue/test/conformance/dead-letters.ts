import { encodeTask, RookeryError } from '@rookery/contracts';
import { expect } from 'vitest';
import type { TaskQueue } from '../../src/index.ts';
import { aJobTask, aTask } from '../a-task.ts';
import { type ConformanceTest, drain, keysOf, receiveOne } from './test-queue.ts';

async function bury(queue: TaskQueue, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    await queue.send([aTask(key)]);
    await (await receiveOne(queue)).bury(new RookeryError('PICTURE_CRASHED_WORKER', { detail: `picture ${key}` }));
  }
}

export function keepsDeadLetters(it: ConformanceTest): void {
  it.concurrent('keeps a buried task with its reason, and delivers it no more', async ({
    opened: { queue, again },
  }) => {
    const before = Date.now() - 2_000;
    await bury(queue, 'a');
    expect(await queue.receive(1, { waitMs: 1_500 })).toEqual([]);
    await using other = await again();
    const [letter, ...more] = await other.dead.list(10);
    expect(more).toEqual([]);
    expect(letter).toMatchObject({
      message: encodeTask(aTask('a')),
      reason: { code: 'PICTURE_CRASHED_WORKER', detail: 'picture a' },
    });
    expect(letter?.buriedAt).toBeGreaterThan(before);
    expect(letter?.buriedAt).toBeLessThan(Date.now() + 2_000);
  });

  it.concurrent('keeps a reason that is long, and one that has no words or strange ones', async ({
    opened: { queue },
  }) => {
    for (const detail of [undefined, 'line\nbreak: \u0000 \ud800', 'x'.repeat(10_000)]) {
      await queue.send([aTask('a')]);
      const reason = new RookeryError('TASK_MALFORMED', detail === undefined ? {} : { detail });
      await (await receiveOne(queue)).bury(reason);
    }
    const letters = await queue.dead.list(10);
    expect(letters.map(({ reason }) => reason.code)).toEqual(['TASK_MALFORMED', 'TASK_MALFORMED', 'TASK_MALFORMED']);
    expect(letters.map(({ reason }) => reason.detail).some((detail) => detail.startsWith('xxxx'))).toBe(true);
  });

  it.concurrent('lists dead letters again and again under the same names, at most as many as asked for', async ({
    opened: { queue },
  }) => {
    await bury(queue, 'a', 'b', 'c');
    const first = await queue.dead.list(10);
    const second = await queue.dead.list(10);
    expect(first).toHaveLength(3);
    expect(second.map(({ id }) => id).sort()).toEqual(first.map(({ id }) => id).sort());
    expect(await queue.dead.list(2)).toHaveLength(2);
    expect((await queue.depth()).dead).toBe(3);
  });

  it.concurrent('reads one dead letter, and nothing where there is none of that name', async ({
    opened: { queue },
  }) => {
    await bury(queue, 'a', 'b');
    const letters = await queue.dead.list(10);
    for (const letter of letters) expect(await queue.dead.read(letter.id)).toEqual(letter);
    expect(await queue.dead.read('no-such-letter')).toBeUndefined();
  });

  it.concurrent('delivers redriven tasks again with a fresh count, and keeps them among the dead no more', async ({
    opened: { queue },
  }) => {
    await queue.send([aTask('a')]);
    await (await receiveOne(queue)).retry(0);
    await (await receiveOne(queue)).bury(new RookeryError('INTERNAL'));
    await bury(queue, 'b');
    expect(await queue.dead.redrive()).toBe(2);
    const deliveries = await drain(queue);
    expect(keysOf(deliveries)).toEqual(['a', 'b']);
    expect(deliveries.map(({ attempt }) => attempt)).toEqual([1, 1]);
    expect(await queue.dead.list(10)).toEqual([]);
    expect(await queue.dead.redrive()).toBe(0);
  });

  it.concurrent('redrives each letter once, also where a worker buries all of them again at once', async ({
    opened: { queue, again },
  }) => {
    await bury(queue, 'a', 'b', 'c');
    await using other = await again();
    const stop = new AbortController();
    const worker = (async () => {
      while (!stop.signal.aborted)
        for (const delivery of await other.receive(10, { waitMs: 1_000, signal: stop.signal }))
          await delivery.bury(new RookeryError('TASK_MALFORMED'));
    })();
    expect(await queue.dead.redrive(undefined, AbortSignal.timeout(15_000))).toBe(3);
    await expect.poll(async () => (await queue.dead.list(10)).length, { timeout: 10_000 }).toBe(3);
    stop.abort();
    await worker;
  });

  it.concurrent('redrives only those that are named', async ({ opened: { queue } }) => {
    await bury(queue, 'a', 'b', 'c');
    const letter = (await queue.dead.list(10)).find(({ message }) => message === encodeTask(aTask('b')));
    expect(await queue.dead.redrive([letter?.id ?? '', 'no-such-letter'])).toBe(1);
    expect(keysOf(await drain(queue))).toEqual(['b']);
    expect(await queue.dead.list(10)).toHaveLength(2);
  });

  it.concurrent('forgets purged letters, all or those that are named', async ({ opened: { queue } }) => {
    await bury(queue, 'a', 'b', 'c');
    const letter = (await queue.dead.list(10)).find(({ message }) => message === encodeTask(aTask('b')));
    expect(await queue.dead.purge([letter?.id ?? '', 'no-such-letter'])).toBe(1);
    expect(await queue.dead.list(10)).toHaveLength(2);
    expect(await queue.dead.purge()).toBe(2);
    expect(await queue.dead.list(10)).toEqual([]);
    expect(await queue.receive(1, { waitMs: 300 })).toEqual([]);
  });

  it.concurrent('never purges a task that is not among the dead', async ({ opened: { queue } }) => {
    await bury(queue, 'a');
    const [letter] = await queue.dead.list(1);
    await queue.dead.redrive();
    expect(await queue.dead.purge([letter?.id ?? ''])).toBe(0);
    expect(keysOf(await drain(queue))).toEqual(['a']);
  });

  it.concurrent('keeps a task that was never enqueued in this form, and redrives it like any other', async ({
    opened: { queue },
  }) => {
    const culprit = aJobTask(4, ['culprit.jpg']);
    await queue.dead.add(culprit, new RookeryError('PICTURE_CRASHED_WORKER', { detail: 'item 3' }));
    expect(await queue.receive(1, { waitMs: 300 })).toEqual([]);
    expect(await queue.dead.list(10)).toMatchObject([
      { message: encodeTask(culprit), reason: { code: 'PICTURE_CRASHED_WORKER', detail: 'item 3' } },
    ]);
    expect(await queue.dead.redrive()).toBe(1);
    const delivery = await receiveOne(queue);
    expect(delivery.task).toEqual(culprit);
    expect(delivery.attempt).toBe(1);
    await delivery.ack();
  });
}
