import { RookeryError } from '@rookery/contracts';
import { expect } from 'vitest';
import { aTask } from '../a-task.ts';
import { type ConformanceTest, eventually, keysOf, leaseMs, receiveOne } from './test-queue.ts';

export function settles(it: ConformanceTest): void {
  it.concurrent('forgets an acknowledged task', async ({ opened: { queue } }) => {
    await queue.send([aTask('a')]);
    await (await receiveOne(queue)).ack();
    expect(await queue.receive(1, { waitMs: 2.2 * leaseMs })).toEqual([]);
    expect(await queue.depth()).toEqual({ ready: 0, delayed: 0, leased: 0, dead: 0 });
  });

  it.concurrent('delivers a task that was given back at once', async ({ opened: { queue, again } }) => {
    await using other = await again();
    await queue.send([aTask('a')]);
    await (await receiveOne(queue)).retry(0);
    const second = await receiveOne(other, leaseMs * 0.8);
    expect(second.attempt).toBe(2);
  });

  it.concurrent('wakes a waiting worker with a task that was given back', async ({ opened: { queue, again } }) => {
    await using other = await again();
    await queue.send([aTask('a')]);
    const first = await receiveOne(queue);
    await first.extend();
    const waiting = other.receive(1, { waitMs: 20_000 });
    await first.retry(0);
    expect(keysOf(await waiting)).toEqual(['a']);
  });

  it.concurrent('delivers a task that was given back with a delay after it, not before', async ({
    opened: { queue },
  }) => {
    await queue.send([aTask('a')]);
    const first = await receiveOne(queue);
    const returnedMs = performance.now();
    await first.retry(2_000);
    const second = await receiveOne(queue, 20_000);
    expect(performance.now() - returnedMs).toBeGreaterThan(1_950);
    expect(performance.now() - returnedMs).toBeLessThan(6_000);
    expect(second.attempt).toBe(2);
  });

  it.concurrent('counts deliveries, whatever caused them', async ({ opened: { queue } }) => {
    await queue.send([aTask('a')]);
    const attempts: number[] = [];
    for (const settle of ['retry', 'lose', 'delay', 'lose', 'none'] as const) {
      const delivery = await receiveOne(queue, 10 * leaseMs);
      attempts.push(delivery.attempt);
      if (settle === 'retry') await delivery.retry(0);
      if (settle === 'delay') await delivery.retry(500);
    }
    expect(attempts).toEqual([1, 2, 3, 4, 5]);
  });

  it.concurrent('does nothing when a task is settled again', async ({ opened: { queue } }) => {
    await queue.send([aTask('a'), aTask('b')]);
    const first = await receiveOne(queue);
    await Promise.all([first.ack(), first.ack(), first.retry(0)]);
    await first.bury(new RookeryError('INTERNAL'));
    await first.retry(0);
    await first.extend();
    const second = await receiveOne(queue);
    await second.retry(0);
    await second.ack();
    const third = await receiveOne(queue);
    expect(third.task).toEqual(second.task);
    expect(third.task).not.toEqual(first.task);
    await third.ack();
    expect(
      await eventually(
        () => queue.depth(),
        ({ ready, leased }) => ready + leased === 0,
      ),
    ).toMatchObject({ dead: 0 });
  });

  it.concurrent('tells how much there is', async ({ opened: { queue } }) => {
    await queue.send([aTask('a'), aTask('b'), aTask('c'), aTask('d')]);
    const [one] = await queue.receive(1, { waitMs: 1_000 });
    const [two] = await queue.receive(1, { waitMs: 1_000 });
    await one?.bury(new RookeryError('TASK_MALFORMED'));
    await two?.extend();
    expect(
      await eventually(
        () => queue.depth(),
        ({ ready, leased, dead }) => ready === 2 && leased === 1 && dead === 1,
      ),
    ).toMatchObject({ ready: 2, delayed: 0, leased: 1, dead: 1 });
    await two?.retry(60_000);
    // SQS hides delayed and leased messages in the same way.
    const { ready, delayed, leased } = await eventually(
      () => queue.depth(),
      ({ delayed, leased }) => delayed + leased === 1,
    );
    expect({ ready, away: delayed + leased }).toEqual({ ready: 2, away: 1 });
  });
}
