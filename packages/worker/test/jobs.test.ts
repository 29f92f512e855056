import { rm } from 'node:fs/promises';
import { errorLine, pinDigest, RookeryError } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Fleet } from './fleet.ts';

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open();
});
afterEach(() => fleet[Symbol.asyncDispose]());

const items = (keys: readonly string[]) => keys.map((key) => ({ key }));

describe('the tasks of a job', { timeout: 90_000 }, () => {
  it('become results, byte for byte what the classifier says alone, and a summary', async () => {
    const keys = await fleet.copies(20);
    await fleet.job('birds', [items(keys.slice(0, 7)), items(keys.slice(7, 8)), items(keys.slice(8))]);
    const worker = await fleet.start();
    const got = (await fleet.result('birds', 0)) + (await fleet.result('birds', 1)) + (await fleet.result('birds', 2));
    expect(got).toBe(await fleet.expected(keys));
    await fleet.settled();
    await worker.stop({ graceMs: 5_000 });
    expect(await fleet.ledger.findSummary('birds')).toMatchObject({ tasks: 3, pictures: 20, labelled: 20, failed: 0 });
  });

  it('give each bad picture its line, in its place, and label its neighbours', async () => {
    await fleet.put('empty.jpg', '');
    await fleet.put('text.png', 'this is no picture');
    const { etag } = await fleet.buckets.open(fleet.bucket).get('nagasaki-boats.jpg');
    const task = [
      { key: 'acanthus-mollis.jpg' },
      { key: 'empty.jpg' },
      { key: 'gone.jpg', etag: 'seen-once' },
      { key: 'text.png' },
      { key: 'nagasaki-boats.jpg', etag: 'another' },
      { key: '../store/jobs/bad/job.json' },
      { key: 'nagasaki-boats.jpg', etag },
      { key: 'acanthus-mollis.jpg' },
    ];
    await fleet.job('bad', [task]);
    await fleet.start({ limits: { pictureBytes: 50 << 20 } });
    const lines = await fleet.lines('bad', 0);
    expect(lines.map(({ key, error }) => [key, error?.code])).toEqual([
      ['acanthus-mollis.jpg', undefined],
      ['empty.jpg', 'PICTURE_EMPTY'],
      ['gone.jpg', 'SOURCE_NOT_FOUND'],
      ['text.png', 'UNSUPPORTED_FORMAT'],
      ['nagasaki-boats.jpg', 'SOURCE_CHANGED'],
      ['../store/jobs/bad/job.json', 'KEY_INVALID'],
      ['nagasaki-boats.jpg', undefined],
      ['acanthus-mollis.jpg', undefined],
    ]);
    expect(lines[1]).toMatchObject({ size: 0, width: null, predictions: [] });
    expect(lines[2]).toMatchObject({ etag: 'seen-once', size: null });
  });

  it('refuse what is larger than the limit, and take what is larger than was guessed', async () => {
    await fleet.put('large.jpg', new Uint8Array(3 << 20));
    await fleet.put('huge.jpg', new Uint8Array((6 << 20) + 1));
    await fleet.job('sizes', [items(['huge.jpg', 'large.jpg', 'acanthus-mollis.jpg'])]);
    await fleet.start({ limits: { pictureBytes: 6 << 20, bytes: 4 << 20 } });
    expect((await fleet.lines('sizes', 0)).map(({ error }) => error?.code)).toEqual([
      'SOURCE_TOO_MANY_BYTES',
      'UNSUPPORTED_FORMAT',
      undefined,
    ]);
  });

  it('take their items from the task file where the message has none, and merge lines that were taken over', async () => {
    const line = { ...errorLine({ key: 'b.jpg', etag: 'x', size: 3 }, pinDigest(fleet.pin), 'PICTURE_CORRUPT') };
    await fleet.job('since', [
      [{ key: 'acanthus-mollis.jpg' }, { key: 'b.jpg', etag: 'x', line }, { key: 'nagasaki-boats.jpg' }],
    ]);
    await fleet.start();
    const lines = await fleet.lines('since', 0);
    expect(lines.map(({ key, error }) => [key, error?.code])).toEqual([
      ['acanthus-mollis.jpg', undefined],
      ['b.jpg', 'PICTURE_CORRUPT'],
      ['nagasaki-boats.jpg', undefined],
    ]);
  });

  it('are dropped when the job was cancelled or deleted', async () => {
    await fleet.job('cancelled', [items(['acanthus-mollis.jpg'])]);
    await fleet.ledger.cancel('cancelled');
    await fleet.job('deleted', [items(['acanthus-mollis.jpg'])]);
    await fleet.ledger.delete('deleted');
    await fleet.start();
    await fleet.settled();
    expect(await fleet.ledger.resultExists('cancelled', 0)).toBe(false);
    expect(await fleet.ledger.resultExists('deleted', 0)).toBe(false);
    expect(await fleet.queues.jobs.dead.list(10)).toEqual([]);
  });

  it('of a job that is deleted while they are worked on leave neither results nor dead letters', async () => {
    const keys = await fleet.copies(300);
    await fleet.job(
      'deleted',
      keys.map((key) => items([key])),
      { taskSize: 1 },
    );
    await fleet.start();
    await vi.waitFor(async () => expect(await fleet.ledger.resultExists('deleted', 3)).toBe(true), {
      timeout: 20_000,
      interval: 10,
    });
    // Another process deletes it: what this one remembers of the job is as old as it may be.
    await fleet.ledger.delete('deleted');
    const { ready, leased } = await fleet.queues.jobs.depth();
    expect(ready + leased).toBeGreaterThan(0);
    await fleet.settled();
    const left: string[] = [];
    for await (const page of fleet.store.list('jobs/deleted/')) left.push(...page.map(({ key }) => key));
    expect(left).toEqual([]);
    expect(await fleet.queues.jobs.dead.list(10)).toEqual([]);
  });

  it('that are delivered again are acked where the result is there, without reading a picture', async () => {
    const tasks = await fleet.job('twice', [items(['acanthus-mollis.jpg'])]);
    const worker = await fleet.start();
    const before = await fleet.result('twice', 0);
    await fleet.settled();
    await worker.stop();
    await rm(fleet.path('acanthus-mollis.jpg'));
    await fleet.queues.jobs.send(tasks.map((task) => ({ ...task, recheck: true })));
    const [delivery] = await fleet.queues.jobs.receive(1, { waitMs: 0 });
    await delivery?.retry(0);
    await fleet.start();
    await fleet.settled();
    expect(await fleet.result('twice', 0)).toBe(before);
  });

  it('contradicting their job, or of no such task, are buried and harm no result', async () => {
    const [task] = await fleet.job('real', [items(['acanthus-mollis.jpg'])]);
    if (!task) throw new Error('no task');
    await fleet.start();
    await fleet.settled();
    const before = await fleet.result('real', 0);
    await fleet.queues.jobs.send([
      { ...task, seq: 7, top: 5 },
      { ...task, seq: 8, bucket: 'file:///etc' },
      { ...task, seq: 9, items: undefined },
    ]);
    await fleet.settled();
    const dead = await fleet.queues.jobs.dead.list(10);
    expect(dead.map(({ reason }) => reason.code)).toEqual(['TASK_MALFORMED', 'TASK_MALFORMED', 'TASK_MALFORMED']);
    expect(await fleet.result('real', 0)).toBe(before);
    for (const seq of [7, 8, 9]) expect(await fleet.ledger.resultExists('real', seq)).toBe(false);
  });

  it('of a bucket that may not be read are buried with a result: an error for each item', async () => {
    const source = { kind: 'prefix', bucket: 'file:///etc', prefix: '', filter: {} } as const;
    await fleet.job('refused', [items(['passwd', 'hosts'])], { source });
    await fleet.start();
    await fleet.settled();
    expect((await fleet.lines('refused', 0)).map(({ key, error }) => [key, error?.code])).toEqual([
      ['passwd', 'BUCKET_REFUSED'],
      ['hosts', 'BUCKET_REFUSED'],
    ]);
    expect(await fleet.queues.jobs.dead.list(10)).toMatchObject([{ reason: { code: 'BUCKET_REFUSED' } }]);
  });

  it('that this worker cannot run exactly are given back, never buried', async () => {
    await fleet.job('newer', [items(['acanthus-mollis.jpg'])], {
      pin: { ...fleet.pin, engine: { ...fleet.pin.engine, version: '99.0.0' } },
    });
    const worker = await fleet.start();
    await expect.poll(() => fleet.queues.jobs.depth()).toMatchObject({ delayed: 1, dead: 0 });
    await worker.stop();
  });

  it('write the top label as tags where the job says so; a store that cannot does not stop them', async () => {
    await fleet.job('tags', [items(['acanthus-mollis.jpg'])], { tag: true });
    const tagged: unknown[] = [];
    const real = fleet.buckets.open(fleet.bucket);
    const store = new Proxy(real, {
      get: (target, name) =>
        name === 'tag'
          ? (...args: unknown[]) => {
              tagged.push(args.slice(0, 2));
              return Promise.reject(new RookeryError('STORE_DENIED'));
            }
          : bound(target, name),
    });
    await fleet.start({ buckets: { open: () => store } });
    const [line] = await fleet.lines('tags', 0);
    expect(tagged).toEqual([
      [
        'acanthus-mollis.jpg',
        { 'rookery-label': line?.predictions[0]?.label, 'rookery-score': line?.predictions[0]?.score.toFixed(6) },
      ],
    ]);
  });
});

const bound = (target: ObjectStore, name: string | symbol): unknown => {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === 'function' ? value.bind(target) : value;
};
