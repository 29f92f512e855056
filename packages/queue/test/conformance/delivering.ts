import { RookeryError } from '@rookery/contracts';
import { expect } from 'vitest';
import { aJobTask, aTask } from '../a-task.ts';
import { type ConformanceTest, drain, eventually, firstKey, keyOf, keysOf, receiveOne, sleep } from './test-queue.ts';

export function delivers(it: ConformanceTest): void {
  it.concurrent('delivers what was sent, each task once', async ({ opened: { queue } }) => {
    const tasks = Array.from({ length: 25 }, (_, index) => aTask(`${index}.jpg`));
    await queue.send(tasks);
    const deliveries = await drain(queue);
    expect(deliveries.map(({ task }) => task)).toHaveLength(tasks.length);
    expect(keysOf(deliveries)).toEqual(tasks.map(firstKey).sort());
    expect(deliveries.every(({ attempt }) => attempt === 1)).toBe(true);
  });

  it.concurrent('delivers a task exactly as it was sent, whatever its keys are made of', async ({
    opened: { queue },
  }) => {
    const task = aJobTask(7, [
      'a/ü/鳥.jpg',
      'tab\tnew\nline',
      '\u0000\u001f\u007f',
      '\ud83d\udc26',
      '\ufffe\uffff',
      '<&">',
    ]);
    await queue.send([task]);
    expect((await receiveOne(queue)).task).toEqual(task);
  });

  it.concurrent('sends nothing where there is nothing to send', async ({ opened: { queue } }) => {
    await queue.send([]);
    expect(await queue.depth()).toEqual({ ready: 0, delayed: 0, leased: 0, dead: 0 });
  });

  it.concurrent('leases at most as many as asked for', async ({ opened: { queue } }) => {
    await queue.send(Array.from({ length: 30 }, (_, index) => aTask(`${index}`)));
    expect((await queue.receive(3, { waitMs: 1_000 })).length).toBeLessThanOrEqual(3);
    const many = await queue.receive(16, { waitMs: 1_000 });
    expect(many.length).toBeGreaterThan(3);
    expect(many.length).toBeLessThanOrEqual(16);
    expect(await queue.receive(0, { waitMs: 1_000 })).toEqual([]);
  });

  it.concurrent('tells when a task was sent', async ({ opened: { queue } }) => {
    const before = Date.now();
    await queue.send([aTask('a')]);
    const { sentAt } = await receiveOne(queue);
    expect(sentAt).toBeGreaterThanOrEqual(before - 2_000);
    expect(sentAt).toBeLessThanOrEqual(Date.now() + 2_000);
  });

  it.concurrent('tells how long the task that comes next has waited, where its server does', async ({
    opened: { queue, tellsAge },
  }) => {
    await queue.send([aTask('a')]);
    await sleep(300);
    await queue.send([aTask('b')]);
    const { oldestMs } = await queue.depth();
    if (!tellsAge || oldestMs === undefined) return expect({ tellsAge, oldestMs }).toEqual({ tellsAge: false });
    expect(oldestMs).toBeGreaterThanOrEqual(290);
    expect(oldestMs).toBeLessThan(30_000);
    const first = await receiveOne(queue);
    expect((await queue.depth()).oldestMs).toBeLessThan(oldestMs);
    await first.retry(0);
    expect((await queue.depth()).oldestMs).toBeGreaterThanOrEqual(oldestMs);
    for (const delivery of await drain(queue)) await delivery.ack();
    expect((await queue.depth()).oldestMs).toBeUndefined();
  });

  it.concurrent('waits for the first task and wakes when one is sent', async ({ opened: { queue } }) => {
    const waiting = queue.receive(5, { waitMs: 20_000 }).then((some) => ({ some, atMs: performance.now() }));
    await sleep(400);
    const sentMs = performance.now();
    await queue.send([aTask('a')]);
    const { some, atMs } = await waiting;
    expect(keysOf(some)).toEqual(['a']);
    // A hundred milliseconds by themselves; the machine may be busy.
    expect(atMs - sentMs).toBeLessThan(2_000);
  });

  it.concurrent('wakes another worker when a producer of its own sends', async ({ opened: { queue, again } }) => {
    await using producer = await again();
    const waiting = queue.receive(1, { waitMs: 20_000 });
    await sleep(200);
    await producer.send([aTask('a')]);
    expect(keysOf(await waiting)).toEqual(['a']);
  });

  it.concurrent('resolves to nothing when the wait is over', async ({ opened: { queue } }) => {
    const startMs = performance.now();
    expect(await queue.receive(1, { waitMs: 300 })).toEqual([]);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(250);
    expect(await queue.receive(1, { waitMs: 0 })).toEqual([]);
  });

  it.concurrent('resolves to nothing on abort, long before the wait is over', async ({ opened: { queue } }) => {
    const stop = new AbortController();
    const waiting = queue.receive(1, { waitMs: 30_000, signal: stop.signal });
    await sleep(200);
    const abortedMs = performance.now();
    stop.abort();
    expect(await waiting).toEqual([]);
    expect(performance.now() - abortedMs).toBeLessThan(2_000);
    expect(await queue.receive(1, { waitMs: 30_000, signal: stop.signal })).toEqual([]);
  });

  it.concurrent('hides nothing when a receive is given up', async ({ opened: { queue, again } }) => {
    await using other = await again();
    const stop = new AbortController();
    const waiting = queue.receive(1, { waitMs: 20_000, signal: stop.signal });
    await sleep(200);
    stop.abort();
    await waiting;
    await other.send([aTask('a')]);
    // Well within a lease: what the abandoned call was handed comes back at once.
    expect(keysOf(await other.receive(1, { waitMs: 800 }))).toEqual(['a']);
  });

  it.concurrent('hides nothing when it is closed while it waits', async ({ opened: { queue, again } }) => {
    const closing = await again();
    const waiting = closing.receive(1, { waitMs: 20_000 });
    await sleep(200);
    const closed = closing[Symbol.asyncDispose]();
    await queue.send([aTask('a')]);
    await closed;
    expect(await waiting).toEqual([]);
    expect(keysOf(await queue.receive(1, { waitMs: 800 }))).toEqual(['a']);
  });

  it.concurrent('gives each of many tasks to one of several workers, once', async ({ opened: { queue, again } }) => {
    const tasks = Array.from({ length: 1_000 }, (_, index) => aTask(`${index}`));
    await queue.send(tasks);
    const done: string[] = [];
    const work = async (): Promise<void> => {
      await using worker = await again();
      for (;;) {
        const some = await worker.receive(10, { waitMs: 500 });
        if (some.length === 0) return;
        await Promise.all(some.map((delivery) => delivery.ack()));
        done.push(...some.map(keyOf));
      }
    };
    await Promise.all([work(), work(), work()]);
    expect(done.sort()).toEqual(tasks.map(firstKey).sort());
    expect(
      await eventually(
        () => queue.depth(),
        ({ ready, leased }) => ready + leased === 0,
      ),
    ).toEqual({
      ready: 0,
      delayed: 0,
      leased: 0,
      dead: 0,
    });
  });

  it.concurrent('leaves the items of a large task to the task file of its job, and refuses one that has none', async ({
    opened: { queue },
  }) => {
    const keys = Array.from({ length: 256 }, (_, index) => `${'k'.repeat(300)}${index}`);
    const large = aJobTask(3, keys);
    await queue.send([large]);
    const { items: _, ...pointer } = large;
    expect((await receiveOne(queue)).task).toEqual(pointer);
    const { job: _job, seq: _seq, ...event } = large;
    await expect(queue.send([aTask('small'), event])).rejects.toMatchObject({ code: 'TASK_TOO_LARGE' });
    expect(await queue.receive(1, { waitMs: 200 })).toEqual([]);
  });

  it.concurrent('sends nothing once it was aborted', async ({ opened: { queue } }) => {
    const sending = queue.send([aTask('a')], AbortSignal.abort());
    await expect(sending).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await queue.receive(1, { waitMs: 200 })).toEqual([]);
  });

  it.concurrent('refuses to send once it is closed, and receives nothing', async ({ opened: { queue, again } }) => {
    const closing = await again();
    const waiting = closing.receive(1, { waitMs: 20_000 });
    await sleep(100);
    await closing[Symbol.asyncDispose]();
    await closing[Symbol.asyncDispose]();
    expect(await waiting).toEqual([]);
    expect(await closing.receive(1, { waitMs: 20_000 })).toEqual([]);
    await expect(closing.send([aTask('a')])).rejects.toBeInstanceOf(RookeryError);
    expect(await queue.receive(1, { waitMs: 0 })).toEqual([]);
  });
}
