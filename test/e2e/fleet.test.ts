import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectTaggingCommand, PutObjectTaggingCommand, S3Client } from '@aws-sdk/client-s3';
import { jobLayout, parseResultLine } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import { parquetReadObjects } from 'hyparquet';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { folderStore, type QueuePlace, redisQueue, type StorePlace, sqsQueue } from '../faults/harness/backends.ts';
import { expectEmptyQueues, expectNoProcesses, resultsOf } from '../faults/harness/expectations.ts';
import { Fleet } from '../faults/harness/fleet.ts';
import { aPicture, keysOf, writePictures } from '../faults/harness/pictures.ts';
import type { RookeryProcess } from '../faults/harness/rookery-process.ts';
import { startS3World } from '../faults/harness/s3-world.ts';
import { freePort, startS3FaultProxy, type TemporaryFolder, temporaryFolder } from '../services/index.ts';

const { redis, sqs, s3 } = inject('services');
const count = 160;

/** Where a fleet lies, and how many pictures were read from there, by key. */
interface World extends AsyncDisposable {
  readonly queue: QueuePlace;
  readonly pictures: StorePlace;
  readonly store?: StorePlace;
  /** Where that can be counted. */
  readonly reads?: Map<string, number>;
  /** From now on nobody but the test may read this picture; all of them again where it is `undefined`. */
  readonly refuse?: (key: string | undefined) => void;
  /** The tags of a picture, where the store has some. Each has one of its owner's. */
  readonly tags?: (key: string) => Promise<Record<string, string>>;
}

async function onRedisAndFolders(folder: string): Promise<World> {
  return { queue: redisQueue(redis.url), pictures: folderStore(folder), [Symbol.asyncDispose]: async () => {} };
}

async function onSqsAndS3(folder: string): Promise<World> {
  const world = await startS3World({ pictures: folder, count });
  const { endpoint, region, credentials } = world.server;
  const client = new S3Client({ endpoint, region, credentials: { ...credentials }, forcePathStyle: true });
  for (const Key of keysOf(count)) {
    const Tagging = { TagSet: [{ Key: 'owner', Value: 'somebody' }] };
    await client.send(new PutObjectTaggingCommand({ Bucket: 'pictures', Key, Tagging }));
  }
  const proxy = await startS3FaultProxy({ endpoint });
  const reads = new Map<string, number>();
  proxy.onRequest = (method, path) => {
    const [, key] = /^\/pictures\/(\d[^?]*)/.exec(path) ?? [];
    if (method === 'GET' && key) reads.set(key, (reads.get(key) ?? 0) + 1);
  };
  return {
    queue: sqsQueue(`fleet-${randomUUID().slice(0, 8)}`, sqs),
    pictures: world.pictures(proxy.endpoint),
    store: world.store(proxy.endpoint),
    reads,
    refuse(key) {
      const fault = { kind: 'status', status: 403, code: 'AccessDenied' } as const;
      proxy.set(
        key === undefined ? [] : [{ share: 1, methods: ['GET'], path: new RegExp(`^/pictures/${key}`), fault }],
      );
    },
    async tags(Key) {
      const { TagSet = [] } = await client.send(new GetObjectTaggingCommand({ Bucket: 'pictures', Key }));
      return Object.fromEntries(TagSet.map(({ Key = '', Value = '' }) => [Key, Value]));
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      await proxy[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

const worlds = [
  { name: 'Redis and a folder', available: redis.available, open: onRedisAndFolders },
  { name: 'SQS and S3', available: sqs.available && s3.available, open: onSqsAndS3 },
];

describe.each(worlds)('the fleet on $name', ({ available, open }) => {
  let folder: TemporaryFolder;
  let world: World;
  let fleet: Fleet;
  let pictures: ObjectStore;
  beforeEach(async () => {
    folder = temporaryFolder('fleet');
    await writePictures(join(folder.path, 'pictures'), count);
    world = await open(join(folder.path, 'pictures'));
    fleet = await Fleet.open(world);
    pictures = await world.pictures.open();
  });
  afterEach(async () => {
    await fleet[Symbol.asyncDispose]();
    await pictures[Symbol.asyncDispose]();
    await world[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  /** A worker that tells how many pictures it has done. */
  const countingWorker = async (): Promise<{ worker: RookeryProcess; pictures(): Promise<number> }> => {
    const port = await freePort();
    const worker = await fleet.warmWorker({ env: { ROOKERY_HEALTH_PORT: String(port), ROOKERY_LEASE_AHEAD: '8' } });
    expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(200);
    const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return {
      worker,
      pictures: async () =>
        Number(/^rookery_pictures_total\{[^}]*outcome="labelled"[^}]*\} (\d+)/m.exec(await metrics())?.[1] ?? 0),
    };
  };

  it.skipIf(!available)(
    'labels a bucket: two workers share it evenly, and the results come in three formats',
    async () => {
      const [one, two] = [await countingWorker(), await countingWorker()];
      await fleet.enqueue('holiday', ['--task-size', '4', '--tag']);
      const watch = fleet.start(['jobs', 'watch', 'holiday']);
      expect((await watch.ended).code).toBe(0);
      expect(watch.stderr).toContain(`${count}/${count}`);
      expect(watch.stderr).toContain('complete');
      const shares = [await one.pictures(), await two.pictures()];
      expect(shares.reduce((sum, share) => sum + share)).toBe(count);
      expect(Math.min(...shares)).toBeGreaterThan(count * 0.35);

      const jsonl = await fleet.run(['jobs', 'results', 'holiday']);
      expect(jsonl).toBe((await resultsOf(fleet, 'holiday')).text);
      const lines = jsonl.trimEnd().split('\n').map(parseResultLine);
      expect(lines.map(({ key }) => key)).toEqual(keysOf(count));
      expect(lines.every(({ predictions, error }) => predictions.length === 2 && !error)).toBe(true);

      for (const { key, predictions } of world.tags ? lines.filter((_, at) => at % 16 === 0) : [])
        expect(await world.tags?.(key)).toEqual({
          owner: 'somebody',
          'rookery-label': predictions[0]?.label,
          'rookery-score': predictions[0]?.score.toFixed(6),
        });

      const [titles, ...rows] = (await fleet.run(['jobs', 'results', 'holiday', '--format', 'csv']))
        .trimEnd()
        .split('\n');
      expect(titles).toBe('key,etag,size,width,height,model,error,label_1,index_1,score_1,label_2,index_2,score_2');
      expect(rows.map((row) => row.split(',')[0])).toEqual(keysOf(count));

      const file = join(fleet.folder, 'labels.parquet');
      await fleet.run(['jobs', 'results', 'holiday', '--format', 'parquet', '--output', file]);
      const bytes = await readFile(file);
      const table = await parquetReadObjects({
        file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
      });
      expect(table.map(({ key }) => key)).toEqual(keysOf(count));

      const [listed] = (await fleet.run(['jobs', 'list', '--json']))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(listed).toMatchObject({ job: 'holiday', state: 'complete', pictures: { done: count, planned: count } });
      await expectEmptyQueues(fleet, []);
      expect((await fleet.stop()).map(({ code }) => code)).toEqual([0, 0]);
      await expectNoProcesses(fleet);
    },
  );

  it.skipIf(!available)('labels it again at the cost of what has changed, with the bytes of a full run', async () => {
    fleet.worker();
    await fleet.enqueue('first');
    await fleet.untilDone('first');
    world.reads?.clear();
    await pictures.put('0007.jpg', await aPicture(5_000));
    await pictures.put('0042-new.jpg', await aPicture(5_001));
    await pictures.delete(['0099.jpg']);
    await fleet.enqueue('second', ['--since', 'latest', '--task-size', '16']);
    await fleet.untilDone('second');
    if (world.reads) expect(Object.fromEntries(world.reads)).toEqual({ '0007.jpg': 1, '0042-new.jpg': 1 });
    await fleet.enqueue('full', ['--task-size', '16']);
    await fleet.untilDone('full');
    const { text } = await resultsOf(fleet, 'second');
    expect(text).toBe((await resultsOf(fleet, 'full')).text);
    expect(text.split('\n')).toHaveLength(count + 1);
    // Nothing has changed: no picture is read, no task is enqueued, and the job is complete at once.
    await fleet.stop();
    world.reads?.clear();
    await fleet.enqueue('third', ['--since', 'full', '--task-size', '16']);
    expect((await resultsOf(fleet, 'third')).text).toBe(text);
    expect([...(world.reads ?? [])]).toEqual([]);
    await expectEmptyQueues(fleet, []);
  });

  const errorsOf = async (job: string): Promise<unknown[]> => {
    const lines = (await fleet.run(['jobs', 'results', job, '--errors-only']))
      .trimEnd()
      .split('\n')
      .map(parseResultLine);
    return lines.map(({ key, error }) => [key, error?.code]);
  };

  it.skipIf(!available)('does again what failed, and drops what is cancelled', async () => {
    await pictures.put('0005.jpg', '');
    await fleet.enqueue('failing', ['--task-size', '16']);
    // After they were listed one has gone and one was overwritten.
    await pictures.delete(['0003.jpg']);
    await pictures.put('0004.jpg', await aPicture(5_004));
    world.refuse?.('0006.jpg');
    const worker = fleet.worker();
    expect((await fleet.start(['jobs', 'watch', 'failing']).ended).code).toBe(1);
    expect(await errorsOf('failing')).toEqual([
      ['0003.jpg', 'SOURCE_NOT_FOUND'],
      ['0004.jpg', 'SOURCE_CHANGED'],
      ['0005.jpg', 'PICTURE_EMPTY'],
      ...(world.refuse ? [['0006.jpg', 'SOURCE_DENIED']] : []),
    ]);
    world.refuse?.(undefined);
    await pictures.put('0003.jpg', await aPicture(5_003));
    world.reads?.clear();
    await fleet.run(['jobs', 'retry', 'failing', '--job', 'again']);
    await fleet.untilDone('again');
    expect(await errorsOf('again')).toEqual([['0005.jpg', 'PICTURE_EMPTY']]);
    if (world.reads) expect(Object.fromEntries(world.reads)).toEqual({ '0003.jpg': 1, '0004.jpg': 1, '0006.jpg': 1 });

    worker.signal('SIGTERM');
    await worker.ended;
    await fleet.enqueue('unwanted');
    await fleet.run(['jobs', 'cancel', 'unwanted']);
    fleet.worker();
    await expectEmptyQueues(fleet, []);
    expect(await fleet.done('unwanted')).toBe(0);
    await fleet.run(['jobs', 'delete', 'unwanted', '--yes']);
    const left: string[] = [];
    for await (const page of fleet.store.list(jobLayout('unwanted').root)) left.push(...page.map(({ key }) => key));
    expect(left).toEqual([]);
  });
});
