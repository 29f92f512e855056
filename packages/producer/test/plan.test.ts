import { join } from 'node:path';
import { JobLedger } from '@rookery/jobs';
import { FsStore } from '@rookery/storage';
import { silentLogger } from '@rookery/telemetry';
import { expect, it } from 'vitest';
import { counting } from '../../jobs/test/fixtures.ts';
import { createRetry, enqueueJob, estimateJob, Feeder, finishPlanning, type JobRequest } from '../src/index.ts';
import { aBucket, aMemoryQueue, aRequest, plannedKeys, resultBytes, tempFolder, work } from './fixtures.ts';

const keysOf = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${String(at).padStart(5, '0')}.jpg`);
const prefix = (bucket: string, filter: object, below = ''): JobRequest['source'] => ({
  kind: 'prefix',
  bucket,
  prefix: below,
  filter,
});

async function aPlace(keys: readonly string[]) {
  const pictures = await aBucket(keys);
  const ledger = new JobLedger(new FsStore(await tempFolder(), { sync: false }));
  return { ...pictures, ledger, open: () => pictures.store };
}

it('every key of a prefix once, in the order of the listing', async () => {
  const { bucket, ledger, open } = await aPlace(keysOf(50));
  const { sealed } = await enqueueJob(aRequest(bucket, { taskSize: 7 }), { ledger, open });
  expect(sealed).toEqual({ tasks: 8, pictures: 50 });
  expect(await plannedKeys(ledger, 'a-job')).toEqual(keysOf(50));
});

it('a small job is cut into sixteen tasks, so that several workers have a few each', async () => {
  const { bucket, ledger, open } = await aPlace(keysOf(40));
  const { job } = await enqueueJob(aRequest(bucket), { ledger, open });
  expect(job.taskSize).toBe(3);
});

it('an empty source is a job that is complete', async () => {
  const { bucket, ledger, open } = await aPlace([]);
  const { sealed, summary } = await enqueueJob(aRequest(bucket), { ledger, open });
  expect(sealed).toEqual({ tasks: 0, pictures: 0 });
  expect(summary).toMatchObject({ labelled: 0, firstResultAt: null });
});

it('filters choose, and a limit that is reached ends the job', async () => {
  const { bucket, ledger, store, open } = await aPlace(['a.JPG', 'b.txt', 'x/c.jpeg', 'x/d.jpg', 'x/y/e.jpg']);
  await store.put('big.jpg', 'x'.repeat(1000));
  const chosen = async (id: string, filter: object, below = '') => {
    await enqueueJob(aRequest(bucket, { id, source: prefix(bucket, filter, below) }), { ledger, open });
    return plannedKeys(ledger, id);
  };
  expect(await chosen('suffix', { suffixes: ['.jpg'] })).toEqual(['a.JPG', 'big.jpg', 'x/d.jpg', 'x/y/e.jpg']);
  expect(await chosen('glob', { glob: 'x/**/*.jpg' })).toEqual(['x/d.jpg', 'x/y/e.jpg']);
  expect(await chosen('name-glob', { glob: '[cd].*' })).toEqual(['x/c.jpeg', 'x/d.jpg']);
  for (const [id, glob] of [
    ['dot', './x/*.jpg'],
    ['dots', 'x/./y/../*.jpg'],
  ] as const)
    expect(await chosen(id, { glob })).toEqual(['x/d.jpg']);
  expect(await chosen('here', { glob: './*.jpg' })).toEqual(['big.jpg']);
  expect(await chosen('below', { glob: 'y/*' }, 'x/')).toEqual(['x/y/e.jpg']);
  expect(await chosen('small', { maxSizeBytes: 999, suffixes: ['.jpg'] })).toEqual(['a.JPG', 'x/d.jpg', 'x/y/e.jpg']);
  expect(await chosen('large', { minSizeBytes: 1000 })).toEqual(['big.jpg']);
  expect(await chosen('later', { modifiedAfter: '2999-01-01T00:00:00Z' })).toEqual([]);
  expect(await chosen('earlier', { modifiedBefore: '2999-01-01T00:00:00Z', limit: 2 })).toEqual(['a.JPG', 'b.txt']);
});

it('a sample takes its share, and the same pictures when it is repeated', async () => {
  const { bucket, ledger, open } = await aPlace(keysOf(400));
  const source = prefix(bucket, { sample: 0.25 });
  await enqueueJob(aRequest(bucket, { id: 'one', source }), { ledger, open });
  await enqueueJob(aRequest(bucket, { id: 'two', source }), { ledger, open });
  const taken = await plannedKeys(ledger, 'one');
  expect(await plannedKeys(ledger, 'two')).toEqual(taken);
  expect(taken.length).toBeGreaterThan(60);
  expect(taken.length).toBeLessThan(140);
});

it("what lies under Rookery's own prefix is no source, whatever the filters say", async () => {
  const { bucket, folder, open } = await aPlace(['a.jpg', 'z.jpg']);
  const ledger = new JobLedger(new FsStore(join(folder, 'own'), { sync: false }));
  await ledger.store.put('labels/x/a.jpg', 'a trap');
  await enqueueJob(aRequest(bucket, { source: prefix(bucket, { glob: '**' }) }), { ledger, open });
  expect(await plannedKeys(ledger, 'a-job')).toEqual(['a.jpg', 'z.jpg']);
  await enqueueJob(aRequest(bucket, { id: 'below', source: prefix(bucket, {}, 'own/labels/') }), { ledger, open });
  expect(await plannedKeys(ledger, 'below')).toEqual([]);
});

it('a job of the same name goes on, one for something else is a conflict', async () => {
  const { bucket, store, ledger, open } = await aPlace(keysOf(20));
  await enqueueJob(aRequest(bucket), { ledger, open });
  await store.put('99999.jpg', 'late');
  expect((await enqueueJob(aRequest(bucket), { ledger, open })).sealed.pictures).toBe(20);
  await expect(enqueueJob(aRequest(bucket, { top: 9 }), { ledger, open })).rejects.toMatchObject({
    code: 'JOB_CONFLICT',
  });
  const other = prefix(bucket, { limit: 1 });
  await expect(enqueueJob(aRequest(bucket, { source: other }), { ledger, open })).rejects.toMatchObject({
    code: 'JOB_CONFLICT',
  });
});

it('two producers of one job at once make one job', async () => {
  const { bucket, ledger, store, open } = await aPlace(keysOf(60));
  const request = aRequest(bucket, { taskSize: 2 });
  const racing = {
    ledger,
    open,
    entriesPerChunk: 8,
    onStep: () => new Promise<void>((resolve) => setTimeout(resolve, Math.random() * 3)),
  };
  const first = enqueueJob(request, racing);
  await store.put('00010-new.jpg', 'x');
  const second = enqueueJob(request, racing);
  await store.delete(['00050.jpg']);
  const [one, two] = await Promise.all([first, second]);
  expect(one.sealed).toEqual(two.sealed);
  const keys = await plannedKeys(ledger, 'a-job');
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of keysOf(60)) if (key !== '00050.jpg') expect(keys).toContain(key);
});

it('labelling a bucket again costs its listing: no unchanged picture is read, and the results are those of a full run', async () => {
  const { bucket, store, ledger } = await aPlace(keysOf(40));
  const pictures = counting(store);
  const open = () => pictures;
  const queue = await aMemoryQueue();
  const run = async (id: string, since?: string) => {
    await using feeder = new Feeder({ ledger, queue, log: silentLogger });
    const { sealed } = await enqueueJob(aRequest(bucket, { id, taskSize: 4, since }), { ledger, open, feeder });
    feeder.start();
    await feeder.fed(id);
    pictures.keysRead.length = 0;
    const tasks = await work(queue, ledger, pictures);
    return { tasks: tasks.length, read: [...pictures.keysRead], bytes: await resultBytes(ledger, id, sealed.tasks) };
  };
  await run('full');
  const again = await run('again', 'latest');
  expect(again).toMatchObject({ tasks: 0, read: [] });
  expect(again.bytes).toBe(await resultBytes(ledger, 'full', 10));
  await store.put('00007.jpg', 'changed');
  await store.put('00008-new.jpg', 'new');
  await store.delete(['00020.jpg']);
  const changed = await run('changed', 'latest');
  expect(changed.read).toEqual(['00007.jpg', '00008-new.jpg']);
  expect(changed.tasks).toBe(2);
  expect(changed.bytes).toBe((await run('full-again')).bytes);
});

it('the latest is the newest with the same filter, else the newest that has labelled anything', async () => {
  const { bucket, store, ledger, open } = await aPlace(keysOf(12));
  const queue = await aMemoryQueue();
  let day = 0;
  const run = async (id: string, filter: object, since?: string) => {
    await using feeder = new Feeder({ ledger, queue, log: silentLogger });
    const source = { kind: 'prefix', bucket, prefix: '', filter } as const;
    const now = () => new Date(Date.UTC(2026, 0, ++day));
    const { job } = await enqueueJob(aRequest(bucket, { id, source, since }), { ledger, open, feeder, now });
    feeder.start();
    await feeder.fed(id);
    await work(queue, ledger, store);
    return job.since;
  };
  await run('all', {});
  await run('few', { limit: 2 });
  await run('none', { glob: 'no-such-*' });
  expect(await run('all-again', {}, 'latest')).toBe('all');
  await run('few-again', { limit: 2 });
  expect(await run('few-once-more', { limit: 2 }, 'latest')).toBe('few-again');
  await run('none-again', { glob: 'no-such-*' });
  expect(await run('sample', { sample: 0.5 }, 'latest')).toBe('few-once-more');
});

it('a list in any order takes over as well, from a job made of a prefix', async () => {
  const { bucket, store, ledger, open } = await aPlace(keysOf(10));
  const queue = await aMemoryQueue();
  await using feeder = new Feeder({ ledger, queue, log: silentLogger });
  feeder.start();
  await enqueueJob(aRequest(bucket, { id: 'first' }), { ledger, open, feeder });
  await feeder.fed('first');
  await work(queue, ledger, store);
  const rows: string[] = ['key,etag'];
  for (const key of ['00005.jpg', '00001.jpg', '00005.jpg', '00009.jpg'])
    rows.push(`${key},${(await store.head(key))?.etag}`);
  rows.push('00003.jpg,another-etag');
  const list = async function* () {
    yield Buffer.from(rows.join('\n'));
  };
  const source = { kind: 'manifest', bucket, format: 'csv', filter: {}, manifest: list() } as const;
  await enqueueJob(aRequest(bucket, { id: 'list', source, since: 'first', taskSize: 5 }), { ledger, open });
  const { items } = await ledger.readTask('list', 0);
  expect(items.map(({ key, line }) => [key, line?.key])).toEqual([
    ['00005.jpg', '00005.jpg'],
    ['00001.jpg', '00001.jpg'],
    ['00005.jpg', '00005.jpg'],
    ['00009.jpg', '00009.jpg'],
    ['00003.jpg', undefined],
  ]);
});

it('a retry does again what failed and nothing else; finished results are never rewritten', async () => {
  const { bucket, store, ledger, open } = await aPlace(keysOf(6));
  const { job } = await enqueueJob(aRequest(bucket, { taskSize: 3 }), { ledger, open });
  const queue = await aMemoryQueue();
  await using feeder = new Feeder({ ledger, queue, log: silentLogger });
  await feeder.round();
  await work(queue, ledger, store);
  // As if one picture had been refused: its line is replaced by an error's.
  const { body } = await ledger.store.get('jobs/a-job/results/0000000001.jsonl');
  const lines = Buffer.from(body).toString().trimEnd().split('\n');
  lines[1] = JSON.stringify({
    ...JSON.parse(lines[1] ?? ''),
    predictions: [],
    error: { code: 'SOURCE_DENIED', message: 'x' },
  });
  await ledger.store.put('jobs/a-job/results/0000000001.jsonl', `${lines.join('\n')}\n`);
  const { job: retry } = await createRetry(job.id, { ledger, open, id: 'again' });
  const { sealed } = await finishPlanning(retry, { ledger, open });
  expect(retry.parent).toBe('a-job');
  expect(sealed).toEqual({ tasks: 2, pictures: 6 });
  const left = (await Promise.all([0, 1].map((seq) => ledger.readTask('again', seq)))).flatMap(({ items }) => items);
  expect(left.filter(({ line }) => !line).map(({ key }) => key)).toEqual(['00004.jpg']);
  await feeder.round();
  expect(await work(queue, ledger, store)).toHaveLength(1);
  expect(Buffer.from((await ledger.store.get('jobs/a-job/results/0000000001.jsonl')).body).toString()).toContain(
    'SOURCE_DENIED',
  );
});

it('a retry of a job that was cancelled before it was planned plans the rest', async () => {
  const { bucket, ledger, open } = await aPlace(keysOf(30));
  const stop = new Error('stop');
  let tasks = 0;
  const onStep = (step: string) => {
    if (step === 'task' && ++tasks > 8) throw stop;
  };
  await expect(
    enqueueJob(aRequest(bucket, { taskSize: 2 }), { ledger, open, entriesPerChunk: 4, onStep }),
  ).rejects.toBe(stop);
  await ledger.cancel('a-job');
  const { job: retry } = await createRetry('a-job', { ledger, open, id: 'again' });
  await finishPlanning(retry, { ledger, open });
  expect(await plannedKeys(ledger, 'again')).toEqual(keysOf(30));
});

it('a dry run counts and writes nothing', async () => {
  const { bucket, open, ledger } = await aPlace(keysOf(33));
  const store = counting(ledger.store);
  const estimate = await estimateJob(aRequest(bucket, { taskSize: 8 }), { ledger: new JobLedger(store), open });
  expect(estimate).toMatchObject({ pictures: 33, tasks: 5, bytes: 33 * 'picture 00000.jpg'.length, takenOver: 0 });
  expect(estimate.requests.get).toBe(33);
  expect(store.requests).toMatchObject({ put: 0, write: 0 });
  const tagged = await estimateJob(aRequest(bucket, { taskSize: 8, tag: true }), {
    ledger: new JobLedger(store),
    open,
  });
  expect(tagged.requests).toEqual({ ...estimate.requests, get: 66, put: estimate.requests.put + 33 });
});
