import { RookeryError } from '@rookery/contracts';
import { openQueue, type TaskQueue } from '@rookery/queue';
import { silentLogger } from '@rookery/telemetry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LeaseSource } from '../src/lease/lease-source.ts';
import { anEvent } from './a-task.ts';

let events: TaskQueue;
let jobs: TaskQueue;
let stop: AbortController;
let source: LeaseSource;
const max = { events: 100, jobs: 100 };

const start = (queues = { events, jobs }) =>
  new LeaseSource({ queues, log: silentLogger, onLost: () => undefined, signal: stop.signal });

beforeEach(async () => {
  events = await openQueue({ kind: 'memory', name: 'a-events', leaseMs: 1_000 });
  jobs = await openQueue({ kind: 'memory', name: 'a-jobs', leaseMs: 1_000 });
  stop = new AbortController();
  source = start();
});

afterEach(async () => {
  stop.abort();
  await source.drain();
  source[Symbol.dispose]();
  await events[Symbol.asyncDispose]();
  await jobs[Symbol.asyncDispose]();
});

const some = (count: number) => Array.from({ length: count }, (_, index) => anEvent(`${index}.jpg`));

describe('two queues', () => {
  it('give four leases from events for one from jobs while both have work', async () => {
    await events.send(some(40));
    await jobs.send(some(40));
    const order: string[] = [];
    while (order.length < 25) order.push(...(await source.take(max)).map(({ from }) => from[0] ?? ''));
    expect(order.slice(0, 25).join('')).toBe('eeeejeeeejeeeejeeeejeeeej');
  });

  it('give all that fits from the one that has work', async () => {
    await jobs.send(some(30));
    const leased = await source.take(max);
    expect(leased).toHaveLength(30);
    expect(leased.every(({ from }) => from === 'jobs')).toBe(true);
    await jobs.send(some(5));
    await events.send(some(1));
    await new Promise((resolve) => setTimeout(resolve, 5));
    // The poll of events is open: it brings the newcomer before the rest of the job.
    expect((await source.take(max)).map(({ from }) => from)).toEqual(['events']);
    expect((await source.take(max)).map(({ from }) => from)).toEqual(['jobs', 'jobs', 'jobs', 'jobs', 'jobs']);
  });

  it('are not asked in a circle where one answers at once with nothing, as a closed one does', async () => {
    await events[Symbol.asyncDispose]();
    const asked = vi.spyOn(events, 'receive');
    const taken = source.take(max);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(asked.mock.calls.length).toBeLessThan(40);
    await jobs.send(some(1));
    expect((await taken).map(({ from }) => from)).toEqual(['jobs']);
  });

  it('wake an idle worker, whichever gets a task', async () => {
    for (const [name, queue] of [
      ['jobs', jobs],
      ['events', events],
      ['jobs', jobs],
    ] as const) {
      const taken = source.take(max);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await queue.send(some(1));
      const [leased] = await taken;
      expect(leased?.from).toBe(name);
      await leased?.delivery.ack();
      leased?.free();
    }
  });

  it('do not spin while they are empty', async () => {
    let asked = 0;
    const counted = (queue: TaskQueue): TaskQueue => ({
      ...queue,
      leaseMs: 1_000,
      name: queue.name,
      dead: queue.dead,
      receive: (...args) => {
        asked++;
        return queue.receive(...args);
      },
    });
    source = start({ events: counted(events), jobs: counted(jobs) });
    const taken = source.take(max);
    await new Promise((resolve) => setTimeout(resolve, 300));
    // A look and a long poll each.
    expect(asked).toBe(4);
    stop.abort();
    expect(await taken).toEqual([]);
  });

  it('keep the lease of what arrived and was not taken, and give it back at the end', async () => {
    const taken = source.take(max);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await events.send(some(1));
    const [first] = await taken;
    await first?.delivery.ack();
    // The poll of jobs is still open: this arrives in nobody's hands.
    await jobs.send(some(1));
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await jobs.depth()).toMatchObject({ ready: 0, leased: 1 });
    stop.abort();
    await source.drain();
    expect(await jobs.depth()).toMatchObject({ ready: 1, leased: 0 });
  });

  it('go on when one of them does not answer', async () => {
    const broken: TaskQueue = {
      ...events,
      name: 'broken',
      leaseMs: 1_000,
      dead: events.dead,
      receive: () => Promise.reject(new RookeryError('QUEUE_UNAVAILABLE')),
    };
    source = start({ events: broken, jobs });
    await jobs.send(some(3));
    const seen = [];
    while (seen.length < 3) seen.push(...(await source.take({ events: 1, jobs: 1 })));
    expect(seen.map(({ from }) => from)).toEqual(['jobs', 'jobs', 'jobs']);
  });
});
