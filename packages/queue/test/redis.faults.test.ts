import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import {
  type RedisServer,
  startRedis,
  startTcpProxy,
  type TcpProxy,
  temporaryFolder,
} from '../../../test/services/index.ts';
import '../../../test/services/setup.ts';
import { type Delivery, OutageLog, openQueue, type TaskQueue } from '../src/index.ts';
import { aTask } from './a-task.ts';
import { keyOf, receiveOne, sleep } from './conformance/test-queue.ts';

const { redis } = inject('services');

/** Keeps receiving as a worker does, whatever happens, until `key` comes. */
async function receiveWhateverHappens(queue: TaskQueue, key: string, withinMs: number): Promise<Delivery> {
  const endMs = performance.now() + withinMs;
  while (performance.now() < endMs) {
    const some = await queue.receive(1, { waitMs: 20_000 }).catch((error: { code?: string }) => {
      expect(error.code).toBe('QUEUE_UNAVAILABLE');
      return [];
    });
    for (const delivery of some) {
      if (keyOf(delivery) === key) return delivery;
      await delivery.ack();
    }
  }
  throw new Error(`nothing came within ${withinMs} ms`);
}

/** Sends as a producer does: again, until it is there. */
async function sendWhateverHappens(queue: TaskQueue, key: string): Promise<void> {
  for (;;) {
    try {
      return await queue.send([aTask(key)]);
    } catch {
      await sleep(100);
    }
  }
}

const leaseMs = 1_000;

/** Within this a worker must be back at work by itself. */
const resumeMs = 15_000;

describe.skipIf(!redis.available || redis.from === 'environment')('when Redis', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let server: RedisServer;
  let proxy: TcpProxy;
  let queue: TaskQueue;
  let producer: TaskQueue;

  beforeEach(async () => {
    folder = temporaryFolder('queue-faults');
    server = await startRedis({ dir: folder.path, appendonly: true });
    proxy = await startTcpProxy({ port: server.port });
    const name = `tasks-${randomUUID()}`;
    queue = await openQueue({ kind: 'bullmq', url: `redis://127.0.0.1:${proxy.port}`, name, leaseMs });
    producer = await openQueue({ kind: 'bullmq', url: server.url, name, leaseMs });
  });
  afterEach(async () => {
    await queue[Symbol.asyncDispose]();
    await producer[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('is gone, one line says so, for all queues of a process and their connections', async () => {
    const said: string[] = [];
    const log = { warn: (_: object, message: string) => void said.push(message), error: () => {} };
    const outages = new OutageLog(log);
    const open = (name: string) =>
      openQueue({ kind: 'bullmq', url: `redis://127.0.0.1:${proxy.port}`, name, leaseMs, log, outages });
    await using events = await open('said-events');
    await using jobs = await open('said-jobs');
    const broken = (): string[] => said.filter((line) => line.startsWith('the connection to Redis is broken'));
    for (const outage of [1, 2]) {
      const waiting = [events, jobs].map((each) => each.receive(1, { waitMs: 3_000 }).catch(() => []));
      await sleep(500);
      await restart({ empty: false });
      await Promise.all(waiting);
      await expect
        .poll(
          () =>
            events
              .depth()
              .then(() => jobs.depth())
              .then(
                () => true,
                () => false,
              ),
          { timeout: resumeMs },
        )
        .toBe(true);
      // Also those that wait for tasks, on connections of their own.
      await Promise.all([events, jobs].map((each) => each.receive(1, { waitMs: 1_500 })));
      expect(broken()).toHaveLength(outage);
    }
  });

  const restart = async (options: { empty: boolean }): Promise<void> => {
    const { port } = server;
    await server.program.kill();
    await sleep(3_000);
    const dir = options.empty ? temporaryFolder('queue-faults-empty').path : folder.path;
    server = await startRedis({ dir, appendonly: true, port });
  };

  it('is killed and comes back with its data, a waiting worker goes on by itself and what was leased comes back', async () => {
    await producer.send([aTask('leased')]);
    const leased = await receiveOne(queue);
    // What Redis has answered is on its disk within a second.
    for (let part = 0; part < 4; part += 1) {
      await sleep(leaseMs / 3);
      await leased.extend();
    }
    const idle = receiveWhateverHappens(queue, 'leased', 30_000);
    await restart({ empty: false });
    const backMs = performance.now();
    const again = await idle;
    expect(performance.now() - backMs).toBeLessThan(resumeMs);
    expect(again.attempt).toBe(leased.attempt + 1);
    await again.ack();
    await sendWhateverHappens(producer, 'later');
    await (await receiveWhateverHappens(queue, 'later', resumeMs)).ack();
  });

  it('is killed and comes back empty, a worker goes on, and settling what is gone does no harm', async () => {
    await producer.send([aTask('lost'), aTask('lost too'), aTask('lost three')]);
    const [one, two, three] = await queue.receive(3, { waitMs: 1_000 });
    const idle = receiveWhateverHappens(queue, 'later', 40_000);
    await restart({ empty: true });
    const backMs = performance.now();
    await sendWhateverHappens(producer, 'later');
    const later = await idle;
    expect(performance.now() - backMs).toBeLessThan(resumeMs);
    await expect(one?.extend()).rejects.toMatchObject({ code: 'LEASE_LOST' });
    await one?.ack();
    await two?.retry(0);
    await three?.retry(5_000);
    await later.ack();
    expect(await queue.depth()).toEqual({ ready: 0, delayed: 0, leased: 0, dead: 0 });
  });

  it('is stopped for longer than a lease, calls fail in time and work goes on when it runs again', async () => {
    await producer.send([aTask('held')]);
    const held = await receiveOne(queue);
    server.program.signal('SIGSTOP');
    const startMs = performance.now();
    await expect(held.extend()).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE', retryable: true });
    await expect(producer.send([aTask('refused')])).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    expect(performance.now() - startMs).toBeLessThan(15_000);
    const receiving = receiveWhateverHappens(queue, 'later', 60_000);
    await sleep(3 * leaseMs);
    server.program.signal('SIGCONT');
    const backMs = performance.now();
    await sendWhateverHappens(producer, 'later');
    await (await receiving).ack();
    expect(performance.now() - backMs).toBeLessThan(resumeMs);
    await held.ack();
  });

  it('pauses its clients for longer than a lease, work goes on after it', async () => {
    await producer.send([aTask('held')]);
    await receiveOne(queue);
    const receiving = receiveWhateverHappens(queue, 'held', 60_000);
    await sleep(100);
    await command(server.port, `CLIENT PAUSE ${8 * leaseMs} ALL`);
    await sleep(8 * leaseMs);
    const backMs = performance.now();
    const again = await receiving;
    expect(performance.now() - backMs).toBeLessThan(resumeMs);
    expect(again.attempt).toBeGreaterThanOrEqual(2);
    await again.ack();
  });

  it('is cut off in the middle of a wait, the wait goes on by itself', async () => {
    const receiving = queue.receive(1, { waitMs: 60_000 });
    await sleep(300);
    proxy.resetAll();
    await sleep(300);
    proxy.dropAll();
    await producer.send([aTask('a')]);
    const startMs = performance.now();
    const [delivery] = await receiving;
    expect(performance.now() - startMs).toBeLessThan(resumeMs);
    await delivery?.ack();
  });

  it('falls silent on open connections, they are torn down and work goes on', async () => {
    const receiving = receiveWhateverHappens(queue, 'a', 60_000);
    await sleep(300);
    proxy.set({ mode: 'black-hole' });
    await sleep(200);
    // The path is good again, but not for connections that are open: they stay silent for ever.
    const before = proxy.counts().total;
    await producer.send([aTask('a')]);
    const startMs = performance.now();
    const healed = new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (proxy.counts().total === before) return;
        clearInterval(timer);
        proxy.set({ mode: 'pass' });
        proxy.resetAll();
        resolve();
      }, 20);
    });
    await (await receiving).ack();
    await healed;
    expect(performance.now() - startMs).toBeLessThan(resumeMs);
  });

  it('loses the connection in the middle of a send, the send throws or all of it is there', async () => {
    let refused = 0;
    for (let round = 0; round < 10; round += 1) {
      const keys = Array.from({ length: 200 }, (_, index) => `${round}/${index}`);
      // The answer breaks off after so many bytes.
      proxy.set({ cutAfterBytes: 200 * (round + 1) });
      const sent = await queue.send(keys.map(aTask)).then(
        () => true,
        (error: { code?: string }) => {
          expect(error.code).toBe('QUEUE_UNAVAILABLE');
          return false;
        },
      );
      proxy.set({ cutAfterBytes: Number.POSITIVE_INFINITY });
      const there = new Set<string>();
      for (
        let some = await producer.receive(50, { waitMs: 100 });
        some.length > 0;
        some = await producer.receive(50, { waitMs: 100 })
      ) {
        for (const delivery of some) there.add(keyOf(delivery));
        await Promise.all(some.map((delivery) => delivery.ack()));
      }
      if (sent) expect(there.size).toBe(keys.length);
      else refused += 1;
    }
    expect(refused).toBeGreaterThan(0);
  });

  it('does not answer while a queue is closed, closing does not wait for it', async () => {
    const receiving = queue.receive(1, { waitMs: 60_000 });
    await sleep(200);
    server.program.signal('SIGSTOP');
    const startMs = performance.now();
    await queue[Symbol.asyncDispose]();
    expect(await receiving).toEqual([]);
    expect(performance.now() - startMs).toBeLessThan(10_000);
    server.program.signal('SIGCONT');
  });
});

async function command(port: number, text: string): Promise<void> {
  const { connect } = await import('node:net');
  const socket = connect({ host: '127.0.0.1', port });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('data', () => resolve());
    socket.write(`${text}\r\n`);
  });
  socket.destroy();
}
