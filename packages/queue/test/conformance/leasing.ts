import { RookeryError } from '@rookery/contracts';
import { expect } from 'vitest';
import { aTask } from '../a-task.ts';
import { type ConformanceTest, eventually, keysOf, leaseMs, receiveOne, sleep } from './test-queue.ts';

export function leases(it: ConformanceTest): void {
  it.concurrent('hides a leased task from others', async ({ opened: { queue, again } }) => {
    await using other = await again();
    await queue.send([aTask('a')]);
    await receiveOne(queue);
    expect(await other.receive(1, { waitMs: leaseMs / 4 })).toEqual([]);
  });

  it.concurrent('delivers a task again when its lease runs out, within twice the lease', async ({
    opened: { queue, again },
  }) => {
    await using other = await again();
    await queue.send([aTask('a')]);
    const first = await receiveOne(queue);
    const leasedMs = performance.now();
    // The worker dies here: nothing settles `first`.
    const second = await receiveOne(other, 10 * leaseMs);
    const tookMs = performance.now() - leasedMs;
    expect(tookMs).toBeGreaterThan(0.8 * leaseMs);
    // Some room for a busy machine, which is no part of the promise.
    expect(tookMs).toBeLessThan(2 * leaseMs + 1_500);
    expect(second.task).toEqual(first.task);
    expect([first.attempt, second.attempt]).toEqual([1, 2]);
  });

  it.concurrent('keeps a task for as long as its lease is extended', async ({ opened: { queue, again } }) => {
    await using other = await again();
    await queue.send([aTask('a')]);
    const delivery = await receiveOne(queue);
    const until = performance.now() + 2 * leaseMs;
    while (performance.now() < until) {
      expect(await other.receive(1, { waitMs: 200 })).toEqual([]);
      await delivery.extend();
    }
    await delivery.ack();
    expect(await other.receive(1, { waitMs: 2 * leaseMs })).toEqual([]);
  });

  it.concurrent('says so when a lease that is lost is extended, and leaves it with whoever has it now', async ({
    opened: { queue, again },
  }) => {
    await using other = await again();
    await queue.send([aTask('a')]);
    const lost = await receiveOne(queue);
    const second = await receiveOne(other, 10 * leaseMs);
    await expect(lost.extend()).rejects.toMatchObject({ code: 'LEASE_LOST' });
    await second.extend();
    await second.ack();
    await expect(queue.receive(1, { waitMs: 2 * leaseMs })).resolves.toEqual([]);
  });

  it.concurrent('is not harmed by a worker that settles after it lost its lease', async ({
    opened: { queue, again },
  }) => {
    await using other = await again();
    await queue.send([aTask('a'), aTask('b'), aTask('c')]);
    const late = [];
    while (late.length < 3) late.push(...(await queue.receive(3, { waitMs: 500 })));
    await sleep(leaseMs + 100);
    const again3 = [];
    while (again3.length < 3) again3.push(...(await other.receive(3, { waitMs: 3 * leaseMs })));
    const [a, b, c] = late;
    await a?.ack();
    await b?.retry(0);
    await c?.bury(new RookeryError('INTERNAL', { detail: 'late' }));
    for (const delivery of again3) await delivery.extend().catch(() => undefined);
    await Promise.all(again3.map((delivery) => delivery.ack()));
    expect(keysOf(again3)).toEqual(['a', 'b', 'c']);
    expect(await other.receive(1, { waitMs: 2 * leaseMs })).toEqual([]);
    expect(
      await eventually(
        () => queue.depth(),
        ({ ready, leased }) => ready + leased === 0,
      ),
    ).toMatchObject({ dead: 0 });
  });

  it.concurrent('leaves what a closed worker held to the end of its lease', async ({ opened: { queue, again } }) => {
    const dying = await again();
    await queue.send([aTask('a')]);
    await receiveOne(dying);
    await dying[Symbol.asyncDispose]();
    expect((await receiveOne(queue, 10 * leaseMs)).attempt).toBe(2);
  });
}
