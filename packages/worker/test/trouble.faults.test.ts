import { type Pin, RookeryError, type ServingModel } from '@rookery/contracts';
import { type Classifier, openClassifier, pinOf } from '@rookery/inference';
import type { ObjectStore } from '@rookery/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fleet, sleep } from './fleet.ts';

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open({ leaseMs: 1_000 });
});
afterEach(() => fleet[Symbol.asyncDispose]());

/** The real store, failing where `fails` says so: what no healthy disk shows. */
const failing = (store: ObjectStore, fails: (method: string) => RookeryError | undefined): ObjectStore =>
  new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const failure = fails(String(name));
        return failure && ['get', 'put', 'head'].includes(String(name))
          ? Promise.reject(failure)
          : value.apply(target, args);
      };
    },
  });

const items = (keys: readonly string[]) => keys.map((key) => ({ key }));

describe('a store that is down', { timeout: 90_000 }, () => {
  it('makes the worker keep its leases, lease nothing more, and go on when it is back', async () => {
    const keys = await fleet.copies(100);
    await fleet.job(
      'outage',
      Array.from({ length: 10 }, (_, at) => items(keys.slice(at * 10, at * 10 + 10))),
    );
    let down = false;
    const outage = () => (down ? new RookeryError('STORE_UNAVAILABLE') : undefined);
    await fleet.start({
      store: failing(fleet.store, outage),
      buckets: { open: (bucket) => failing(fleet.buckets.open(bucket), outage) },
    });
    await fleet.result('outage', 0);
    down = true;
    await sleep(300);
    const { oldestMs: _, ...before } = await fleet.queues.jobs.depth();
    // Longer than two leases: without being extended they would come back.
    await sleep(2_500);
    expect(await fleet.queues.jobs.depth()).toMatchObject(before);
    down = false;
    await fleet.settled();
    let text = '';
    for (let seq = 0; seq < 10; seq++) text += await fleet.result('outage', seq);
    expect(text).toBe(await fleet.expected(keys));
    expect(await fleet.queues.jobs.dead.list(10)).toEqual([]);
  });

  it('that is full is waited for: the tasks are kept, nothing more is leased, and no picture is done twice', async () => {
    const keys = await fleet.copies(60);
    await fleet.job(
      'full',
      Array.from({ length: 6 }, (_, at) => items(keys.slice(at * 10, at * 10 + 10))),
    );
    let full = true;
    let reads = 0;
    const real = fleet.buckets.open(fleet.bucket);
    await fleet.start({
      store: failing(fleet.store, (method) => (full && method === 'put' ? new RookeryError('STORE_FULL') : undefined)),
      buckets: { open: () => failing(real, (method) => void (method === 'get' && reads++)) },
      limits: { leaseAhead: 10 },
    });
    // The model is warm and the first pictures are read; from here on nothing changes.
    await expect.poll(() => reads).toBeGreaterThan(0);
    await sleep(2_000);
    const { ready, leased, delayed } = await fleet.queues.jobs.depth();
    expect(ready).toBeGreaterThan(0);
    expect(leased).toBeGreaterThan(0);
    expect(delayed).toBe(0);
    full = false;
    await fleet.settled();
    let text = '';
    for (let seq = 0; seq < 6; seq++) text += await fleet.result('full', seq);
    expect(text).toBe(await fleet.expected(keys));
    expect(reads).toBe(60);
  });

  it('for one request in ten changes nothing', async () => {
    const keys = await fleet.copies(100);
    await fleet.job(
      'flaky',
      Array.from({ length: 5 }, (_, at) => items(keys.slice(at * 20, at * 20 + 20))),
    );
    let asked = 0;
    const flaky = () => (++asked % 10 === 0 ? new RookeryError('STORE_UNAVAILABLE') : undefined);
    await fleet.start({
      store: failing(fleet.store, flaky),
      buckets: { open: (bucket) => failing(fleet.buckets.open(bucket), flaky) },
    });
    let text = '';
    for (let seq = 0; seq < 5; seq++) text += await fleet.result('flaky', seq);
    expect(text).toBe(await fleet.expected(keys));
  });

  it('that is not there at all, where it is the bucket of pictures, is an error of each of them', async () => {
    await fleet.job('nowhere', [items(['a.jpg', 'b.jpg'])]);
    const missing = failing(fleet.buckets.open(fleet.bucket), () => new RookeryError('STORE_NOT_FOUND'));
    await fleet.start({ buckets: { open: () => missing } });
    const lines = (await fleet.result('nowhere', 0)).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).error.code)).toEqual(['SOURCE_NOT_FOUND', 'SOURCE_NOT_FOUND']);
  });

  it('where it is one bucket, gives its tasks back after a while and goes on with those of others', async () => {
    await fleet.job('down', [items(['acanthus-mollis.jpg'])]);
    const broken = failing(fleet.buckets.open(fleet.bucket), () => new RookeryError('STORE_UNAVAILABLE'));
    await fleet.start({ buckets: { open: () => broken }, limits: { bucketDownMs: 200 } });
    while ((await fleet.queues.jobs.depth()).delayed === 0) await sleep(20);
    expect(await fleet.queues.jobs.depth()).toMatchObject({ delayed: 1, dead: 0 });
  });
});

describe('an engine that fails', { timeout: 90_000 }, () => {
  /** The real classifier, failing over its first pictures as when its thread dies. */
  const engineFailing = (times: number) => {
    let left = times;
    return {
      pinOf,
      open: async (model: Parameters<typeof openClassifier>[0]): Promise<Classifier> => {
        const real = await openClassifier(model, { tuning: 'never' });
        const classify: Classifier['classify'] = (picture, options) =>
          left-- > 0 ? Promise.reject(new RookeryError('ENGINE_FAILED')) : real.classify(picture, options);
        return new Proxy(real, {
          get: (target, name) => {
            if (name === 'classify') return classify;
            const value: unknown = Reflect.get(target, name, target);
            return typeof value === 'function' ? value.bind(target) : value;
          },
        });
      },
    };
  };
  const engine = (times: number) => {
    const failing = engineFailing(times);
    return {
      pinOf: async (model: ServingModel, wanted?: Pin) => pinOf(model, { maxPixels: wanted?.maxPixels }),
      open: failing.open,
    };
  };

  it('has its pictures done again', async () => {
    const keys = await fleet.copies(12);
    await fleet.job('once', [items(keys)]);
    await fleet.start({ engine: engine(5) });
    expect(await fleet.result('once', 0)).toBe(await fleet.expected(keys));
  });

  it('again, has its task given back and done at a later delivery', async () => {
    await fleet.job('twice', [items(['acanthus-mollis.jpg'])]);
    await fleet.start({ engine: engine(2) });
    expect(await fleet.result('twice', 0)).toBe(await fleet.expected(['acanthus-mollis.jpg']));
    expect(await fleet.queues.jobs.dead.list(10)).toEqual([]);
  });
});

describe('messages that are no tasks', () => {
  it('are buried with the reason; a version from the future waits for a newer worker, an hour at most', async () => {
    const { MemoryBroker, openQueue } = await import('@rookery/queue');
    const broker = new MemoryBroker();
    const events = await openQueue({ kind: 'memory', name: 'raw', leaseMs: 1_000, broker });
    broker.channel('raw').send(['{"v":1,"job":"../../etc"}', 'not json', JSON.stringify({ v: 99 })]);
    const worker = await fleet.start({ queues: { events, jobs: fleet.queues.jobs } });
    while ((await events.depth()).dead < 2) await sleep(10);
    expect(await events.depth()).toMatchObject({ ready: 0, delayed: 1, dead: 2 });
    expect((await events.dead.list(10)).map(({ reason }) => reason.code)).toEqual(['TASK_MALFORMED', 'TASK_MALFORMED']);
    await worker.stop();
    await events[Symbol.asyncDispose]();
  });
});
