import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RookeryError } from '@rookery/contracts';
import { JobLedger } from '@rookery/jobs';
import { FsStore, type ObjectStore } from '@rookery/storage';
import { pack } from 'tar-stream';
import { expect, it } from 'vitest';
import { createRetry, enqueueJob, estimateJob, finishPlanning, type RequestedSource } from '../src/index.ts';
import { sourceStart } from '../src/plan/key-source.ts';
import { shardMembers } from '../src/plan/shard-members.ts';
import { shardSource } from '../src/plan/shard-source.ts';
import { aBucket, aRequest, plannedKeys, tempFolder } from './fixtures.ts';

type Files = Readonly<Record<string, string>>;

async function tarOf(files: Files | readonly (readonly [string, string])[]): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: 'a-folder/', type: 'directory' });
  for (const [name, text] of Array.isArray(files) ? files : Object.entries(files)) tar.entry({ name }, text);
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

const longName = `${'deep/'.repeat(60)}\u00fc.jpg`;
const files: Files = {
  './one.jpg': 'first',
  'one.json': '{}',
  'two.jpg': 'x'.repeat(1_000),
  'empty.jpg': '',
  [longName]: 'far away',
  'three.png': 'y'.repeat(512),
};
const pictures = ['one.jpg', 'two.jpg', 'empty.jpg', longName, 'three.png'];

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A bucket with two shards and something else. */
async function aBucketOfShards() {
  const { bucket, folder, store } = await aBucket(['shards/readme.txt']);
  await store.put('shards/0.tar', await tarOf(files));
  await store.put('shards/1.tar', await tarOf({ 'four.jpg': '4', 'five.jpg': '5' }));
  const ledger = new JobLedger(new FsStore(await tempFolder(), { sync: false }));
  const source: RequestedSource = {
    kind: 'shards',
    bucket,
    prefix: 'shards/',
    glob: '*.tar',
    filter: { suffixes: ['.jpg', '.png'] },
  };
  const keys = [...pictures.map((name) => `shards/0.tar/${name}`), 'shards/1.tar/four.jpg', 'shards/1.tar/five.jpg'];
  return { bucket, folder, store, ledger, source, keys, open: () => store };
}

const sourceIn = (store: ObjectStore, more: Partial<Parameters<typeof shardSource>[0]> = {}) =>
  shardSource({ pictures: store, prefix: 'shards/', glob: '*.tar', isOwn: () => false, keep: () => true, ...more });

async function entries(source: ReturnType<typeof shardSource>, from = {}) {
  const found = [];
  for await (const piece of source.entries({ ...sourceStart, ...from })) found.push(...piece);
  return found;
}

it.each([1, 100, 511, 512, 4_096, 1_000_000])(
  'the members of a tar file are the same in pieces of %i bytes',
  async (size) => {
    const bytes = await tarOf(files);
    const found = [];
    for await (const { name, start, sizeBytes } of shardMembers(inPieces(bytes, size)))
      found.push([name, bytes.subarray(start, start + sizeBytes).toString()]);
    expect(found).toEqual(Object.entries(files).map(([name, text]) => [name.replace('./', ''), text]));
  },
);

it('a plan of shards names members, where they lie, and the state of their shard', async () => {
  const { bucket, store, ledger, source, keys, open } = await aBucketOfShards();
  const { sealed } = await enqueueJob(aRequest(bucket, { source, taskSize: 3 }), { ledger, open });
  expect(sealed).toEqual({ tasks: 3, pictures: 7 });
  expect(await plannedKeys(ledger, 'a-job')).toEqual(keys);
  const { items } = await ledger.readTask('a-job', 0);
  const { shard } = items[1] ?? {};
  const range = { start: shard?.start ?? 0, end: (shard?.start ?? 0) + (shard?.sizeBytes ?? 0) - 1 };
  const { body, etag } = await store.get('shards/0.tar', { range });
  expect(Buffer.from(body).toString()).toBe('x'.repeat(1_000));
  expect(items.map((item) => item.etag)).toEqual([etag, etag, etag]);
});

it('every position takes the plan up exactly behind its member', async () => {
  const { store } = await aBucketOfShards();
  const all = await entries(sourceIn(store));
  for (const [at, { next }] of all.entries())
    expect((await entries(sourceIn(store), next)).map(({ item }) => item)).toEqual(
      all.slice(at + 1).map(({ item }) => item),
    );
  expect(all).toHaveLength(8);
});

it('a shard that changes in the middle of a plan is not mistaken for what it was', async () => {
  const { store } = await aBucketOfShards();
  const [first] = await entries(sourceIn(store));
  await store.put('shards/0.tar', await tarOf({ 'other.jpg': 'other' }));
  await expect(entries(sourceIn(store), first?.next)).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
});

it('a plan reads on where a connection broke, and gives up when it only breaks', async () => {
  const { store } = await aBucketOfShards();
  const whole = await entries(sourceIn(store));
  const breaking = (after: number): ObjectStore =>
    Object.assign(Object.create(store) as ObjectStore, {
      list: store.list.bind(store),
      async read(...asked: Parameters<ObjectStore['read']>) {
        const { chunks, ...info } = await store.read(...asked);
        return { ...info, chunks: broken(chunks, after) };
      },
    });
  async function* broken(chunks: AsyncIterable<Uint8Array>, after: number): AsyncGenerator<Uint8Array> {
    let left = after;
    for await (const chunk of chunks) {
      yield chunk.subarray(0, left);
      left -= chunk.byteLength;
      if (left <= 0) throw new RookeryError('STORE_UNAVAILABLE');
    }
  }
  expect(await entries(sourceIn(breaking(4_096), { pauseMs: 1 }))).toEqual(whole);
  await expect(entries(sourceIn(breaking(100), { pauseMs: 1 }))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
});

it('a shard that is none has one line of its own, and one that was cut keeps the members that it had', async () => {
  const { folder, store } = await aBucketOfShards();
  await writeFile(join(folder, 'shards/0.tar'), 'not a tar file at all, but long enough to be looked at\n'.repeat(20));
  const cut = (await readFile(join(folder, 'shards/1.tar'))).subarray(0, 1_536 + 200);
  await writeFile(join(folder, 'shards/1.tar'), cut);
  const found = (await entries(sourceIn(store, { keep: ({ item }) => item.key.endsWith('.jpg') }))).map(
    ({ item }) => item,
  );
  expect(found.map(({ key, shard }) => [key, shard?.start, shard?.sizeBytes])).toEqual([
    ['shards/0.tar', 0, 512],
    ['shards/1.tar/four.jpg', 1_024, 1],
    ['shards/1.tar', 1_536, 200],
  ]);
});

it('a member whose name is too long for a key keeps its neighbours their lines, and has one under a shorter name', async () => {
  const { store } = await aBucketOfShards();
  const [one, other] = ['a', 'b'].map((last) => `${'long/'.repeat(250)}${last}.jpg`) as [string, string];
  await store.put('shards/0.tar', await tarOf({ 'one.jpg': '1', [one]: '2', [other]: '3', 'two.jpg': '4' }));
  const found = await entries(sourceIn(store, { glob: '0.tar' }));
  const keys = found.map(({ item }) => item.key);
  expect([keys[0], keys[3]]).toEqual(['shards/0.tar/one.jpg', 'shards/0.tar/two.jpg']);
  expect(new Set(keys).size).toBe(4);
  for (const key of keys.slice(1, 3)) {
    expect(key).toMatch(/^shards\/0\.tar\/long\/long\/.*~[0-9a-f]{16}\.jpg$/);
    expect(key).toHaveLength(1024);
  }
  expect(found.map(({ sizeBytes }) => sizeBytes)).toEqual([1, 1, 1, 1]);
});

it('two members of one name are two items, in the order of the shard, each with bytes of its own', async () => {
  const { store } = await aBucketOfShards();
  const bytes = await tarOf([
    ['same.jpg', 'before'],
    ['same.jpg', 'and after'],
  ]);
  await store.put('shards/2.tar', bytes);
  const found = await entries(sourceIn(store, { glob: './x/../2.tar' }));
  expect(
    found.map(({ item: { key, shard: { start = 0, sizeBytes = 0 } = {} } }) => [
      key,
      bytes.subarray(start, start + sizeBytes).toString(),
    ]),
  ).toEqual([
    ['shards/2.tar/same.jpg', 'before'],
    ['shards/2.tar/same.jpg', 'and after'],
  ]);
});

it('a dry run counts one request a shard and one for what a task reads of it', async () => {
  const { bucket, ledger, source, open } = await aBucketOfShards();
  const estimate = await estimateJob(aRequest(bucket, { source, taskSize: 256 }), { ledger, open });
  expect(estimate).toMatchObject({ pictures: 7, tasks: 1, requests: { get: 4, list: 1 } });
});

it('a retry of a job of shards does again what failed, by the same places', async () => {
  const { bucket, ledger, source, keys, open } = await aBucketOfShards();
  await enqueueJob(aRequest(bucket, { source, taskSize: 4 }), { ledger, open });
  const { job: retry } = await createRetry('a-job', { ledger, open, id: 'again' });
  await finishPlanning(retry, { ledger, open });
  expect(await plannedKeys(ledger, 'again')).toEqual(keys);
  expect((await ledger.readTask('again', 0)).items).toEqual((await ledger.readTask('a-job', 0)).items);
});
