import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { defaultDriftRules, readWindows } from '@rookery/monitor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InFlightMarkers } from '../src/index.ts';
import { digestOfFile, Fleet, photograph } from './fleet.ts';

const childEntry = new URL('./crashing-child.mjs', import.meta.url);
let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open();
});
afterEach(async () => {
  delete process.env.CRASH_OVER;
  delete process.env.HANG_OVER;
  await fleet[Symbol.asyncDispose]();
});

/** A picture that is like no other: a photograph with something behind its end. */
async function aFatal(key: string, mark: string): Promise<string> {
  await fleet.put(key, Buffer.concat([await readFile(photograph('nagasaki-boats')), Buffer.from(mark)]));
  return digestOfFile(fleet.path(key));
}

/** Delivered twice before: the third delivery is next. */
async function deliveredTwice(queue = fleet.queues.jobs): Promise<void> {
  for (let times = 0; times < 2; times++) {
    const deliveries = await queue.receive(10, { waitMs: 0 });
    for (const delivery of deliveries) await delivery.retry(0);
  }
}

/** What was seen of a job's pictures, once its worker has stopped. */
async function seenOf(job: string) {
  for await (const { job: of, window } of readWindows(fleet.store, { sinceMs: 0 }))
    if (of === job) return { ...window, from: '', to: '' };
  throw new Error(`nothing was seen of ${job}`);
}

const items = (keys: readonly string[]) => keys.map((key) => ({ key }));

// Processes are started and models loaded.
describe('a task in isolation', { timeout: 90_000 }, () => {
  it('makes the bytes that it makes outside, and shows the monitor the same', async () => {
    await fleet.put('bad.jpg', 'no picture');
    const keys = [...(await fleet.copies(12)), 'bad.jpg', 'gone.jpg'];
    await fleet.job('outside', [items(keys)]);
    await fleet.start({ monitor: defaultDriftRules });
    const outside = await fleet.result('outside', 0);
    await fleet.settled();
    for (const worker of fleet.workers.splice(0)) await worker.stop();
    await fleet.job('inside', [items(keys)]);
    await deliveredTwice();
    const worker = await fleet.start({ monitor: defaultDriftRules });
    expect(await fleet.result('inside', 0)).toBe(outside);
    await fleet.settled();
    await worker.stop();
    const seen = await seenOf('inside');
    expect(seen.histograms.sharpness.reduce((sum, count) => sum + count)).toBe(12);
    expect(seen).toEqual(await seenOf('outside'));
    expect(await fleet.queues.jobs.dead.list(10)).toEqual([]);
  });

  it('finds the pictures that end the process: their lines say so, their neighbours are labelled', async () => {
    process.env.CRASH_OVER = `${await aFatal('fatal-1.jpg', 'one')} ${await aFatal('fatal-2.jpg', 'two')}`;
    const copies = await fleet.copies(20);
    const keys = [...copies.slice(0, 5), 'fatal-1.jpg', ...copies.slice(5, 9), 'fatal-2.jpg', ...copies.slice(9)];
    await fleet.job('fatal', [items(keys)]);
    await deliveredTwice();
    await fleet.start({ isolation: { childEntry } });
    const lines = await fleet.lines('fatal', 0);
    expect(lines.map(({ key }) => key)).toEqual(keys);
    const failed = lines.filter(({ error }) => error);
    expect(failed.map(({ key, error }) => [key, error?.code])).toEqual([
      ['fatal-1.jpg', 'PICTURE_CRASHED_WORKER'],
      ['fatal-2.jpg', 'PICTURE_CRASHED_WORKER'],
    ]);
    expect(failed.every(({ etag, size }) => etag !== null && size !== null)).toBe(true);
    const labelled = lines.filter(({ error }) => !error).map((line) => `${JSON.stringify(line)}\n`);
    expect(labelled.join('')).toBe(await fleet.expected(copies));
    await fleet.settled();
    const dead = await fleet.queues.jobs.dead.list(10);
    expect(dead.map(({ reason, message }) => [reason.code, JSON.parse(message).items])).toEqual([
      ['PICTURE_CRASHED_WORKER', [{ key: 'fatal-1.jpg' }]],
      ['PICTURE_CRASHED_WORKER', [{ key: 'fatal-2.jpg' }]],
    ]);
  });

  it('takes a picture that never ends for one that ended the process', async () => {
    process.env.HANG_OVER = await aFatal('hangs.jpg', 'for ever');
    await fleet.job('hangs', [items(['acanthus-mollis.jpg', 'hangs.jpg', 'airplane-from-above.jpg'])]);
    await deliveredTwice();
    await fleet.start({ isolation: { childEntry }, limits: { isolatedPictureMs: 3_000 } });
    expect((await fleet.lines('hangs', 0)).map(({ error }) => error?.code)).toEqual([
      undefined,
      'PICTURE_CRASHED_WORKER',
      undefined,
    ]);
  });

  it('labels events too, and a dead letter that is sent again leaves a finished result as it is', async () => {
    process.env.CRASH_OVER = await aFatal('fatal.jpg', 'x');
    await fleet.queues.events.send([fleet.event(['acanthus-mollis.jpg', 'fatal.jpg'])]);
    await fleet.job('one', [items(['fatal.jpg', 'acanthus-mollis.jpg'])]);
    await deliveredTwice(fleet.queues.events);
    await deliveredTwice(fleet.queues.jobs);
    await fleet.start({ isolation: { childEntry } });
    expect((await fleet.label('fatal.jpg')).error?.code).toBe('PICTURE_CRASHED_WORKER');
    expect((await fleet.label('acanthus-mollis.jpg')).error).toBeUndefined();
    await fleet.settled();
    const before = await fleet.result('one', 0);
    expect(await fleet.queues.jobs.dead.redrive()).toBe(1);
    await fleet.settled();
    expect(await fleet.result('one', 0)).toBe(before);
    expect(await fleet.queues.jobs.dead.list(10)).toEqual([]);
  });

  it('sets a picture aside once, where a task whose lease was lost is worked on twice at a time', async () => {
    process.env.CRASH_OVER = await aFatal('fatal.jpg', 'z');
    const [task] = await fleet.job('one', [items(['fatal.jpg', 'acanthus-mollis.jpg'])]);
    if (task) await fleet.queues.jobs.send([task]);
    const event = fleet.event(['fatal.jpg', 'acanthus-mollis.jpg']);
    await fleet.queues.events.send([event, event]);
    await deliveredTwice(fleet.queues.jobs);
    await deliveredTwice(fleet.queues.events);
    await fleet.start({ isolation: { childEntry } });
    await fleet.settled();
    expect((await fleet.lines('one', 0)).map(({ error }) => error?.code)).toEqual([
      'PICTURE_CRASHED_WORKER',
      undefined,
    ]);
    expect(await fleet.queues.jobs.dead.list(10)).toHaveLength(1);
    expect(await fleet.queues.events.dead.list(10)).toHaveLength(1);
  });

  it('is where a task goes at once that was in flight when the process ended, where the queue ended with it', async () => {
    process.env.CRASH_OVER = await aFatal('fatal.jpg', 'y');
    const folder = join(fleet.folder, 'in-flight');
    const [task] = await fleet.job('again', [items(['acanthus-mollis.jpg', 'fatal.jpg'])]);
    if (task) await (await InFlightMarkers.open(folder)).begin(task);
    // The process ends here; the next one finds the marker.
    await fleet.start({ isolation: { childEntry }, suspects: await InFlightMarkers.open(folder) });
    expect((await fleet.lines('again', 0)).map(({ error }) => error?.code)).toEqual([
      undefined,
      'PICTURE_CRASHED_WORKER',
    ]);
    await fleet.settled();
    while ((await readdir(folder)).length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  it('is given back, not blamed on a picture, when the worker stops', async () => {
    await fleet.job('stopped', [items(await fleet.copies(60))]);
    await deliveredTwice();
    const worker = await fleet.start({ isolation: { childEntry } });
    while (worker.inFlight === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 700));
    await worker.stop({ graceMs: 0 });
    expect(await fleet.ledger.resultExists('stopped', 0)).toBe(false);
    expect(await fleet.queues.jobs.depth()).toMatchObject({ ready: 1, leased: 0, dead: 0 });
  });

  it('is given back when the child cannot even load its model', async () => {
    await fleet.job('missing', [items(['acanthus-mollis.jpg'])]);
    await deliveredTwice();
    await fleet.start({ isolation: { childEntry: new URL('./there-is-none.mjs', import.meta.url) } });
    while ((await fleet.queues.jobs.depth()).delayed === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await fleet.queues.jobs.depth()).toMatchObject({ delayed: 1, dead: 0 });
    expect(await fleet.ledger.resultExists('missing', 0)).toBe(false);
  });
});
