import { readFile, writeFile } from 'node:fs/promises';
import type { TaskItem } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import { silentLogger } from '@rookery/telemetry';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fetcher } from '../src/picture/fetcher.ts';
import { ShardRuns } from '../src/picture/shard-runs.ts';
import { StoreGuard } from '../src/store-guard.ts';
import { Fleet, photograph } from './fleet.ts';

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open();
});
afterEach(() => fleet[Symbol.asyncDispose]());

/** A tar file in the bucket, and its members as a plan names them. */
async function aShard(key: string, files: readonly (readonly [name: string, bytes: Uint8Array | string])[]) {
  const tar = pack();
  const items: TaskItem[] = [];
  let at = 0;
  for (const [name, bytes] of files) {
    tar.entry({ name }, Buffer.from(bytes));
    const sizeBytes = Buffer.byteLength(bytes);
    items.push({ key: `${key}/${name}`, shard: { key, start: at + 512, sizeBytes } });
    at += 512 + Math.ceil(sizeBytes / 512) * 512;
  }
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  await fleet.put(key, Buffer.concat(chunks));
  const { etag } = await fleet.buckets.open(fleet.bucket).get(key);
  return items.map((item) => ({ ...item, etag }));
}

const names = ['acanthus-mollis', 'airplane-from-above', 'nagasaki-boats'] as const;
const photographs = () =>
  Promise.all(names.map(async (name) => [`${name}.jpg`, await readFile(photograph(name))] as const));

/** What a fetcher asks the bucket for. */
function aFetcher(limits: { bytes?: number } = {}) {
  const store = fleet.buckets.open(fleet.bucket);
  const asked: string[] = [];
  const counting = Object.assign(Object.create(store) as ObjectStore, {
    get: (...[key, options]: Parameters<ObjectStore['get']>) => {
      asked.push(`${key} ${options?.range?.start ?? ''}`);
      return store.get(key, options);
    },
  });
  const fetcher = new Fetcher({
    bytes: limits.bytes ?? 64 << 20,
    pictureBytes: 1 << 20,
    fetches: 8,
    onFetched: () => undefined,
  });
  return {
    fetcher,
    asked,
    bucket: { store: counting, guard: new StoreGuard({ location: 'test', log: silentLogger }) },
  };
}

const signal = new AbortController().signal;

describe('pictures in a shard', { timeout: 90_000 }, () => {
  it('get the lines that they would get as objects, but for their names and states', async () => {
    const items = await aShard('shards/0.tar', [
      ...(await photographs()),
      ['bad.jpg', 'no picture'],
      ['empty.jpg', ''],
    ]);
    const again = items.toReversed();
    await fleet.job('sharded', [items, again]);
    await fleet.start();
    const [lines, reversed] = [await fleet.lines('sharded', 0), await fleet.lines('sharded', 1)];
    const alone = (await fleet.expected(names.map((name) => `${name}.jpg`)))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.slice(0, 3).map(({ key, etag, ...line }) => line)).toEqual(
      alone.map(({ key, etag, ...line }) => line),
    );
    expect(lines.map(({ key }) => key)).toEqual(items.map(({ key }) => key));
    expect(new Set(lines.map(({ etag }) => etag))).toEqual(new Set([items[0]?.etag]));
    expect(lines.slice(3).map(({ error, size }) => [error?.code, size])).toEqual([
      ['UNSUPPORTED_FORMAT', 10],
      ['PICTURE_EMPTY', 0],
    ]);
    // One by one, since they come in the wrong order: the same lines.
    expect(reversed.toReversed()).toEqual(lines);
  });

  it('get the same lines in isolation', async () => {
    const items = await aShard('shards/0.tar', [
      ...(await photographs()),
      ['bad.jpg', 'no picture'],
      ['empty.jpg', ''],
    ]);
    await fleet.job('outside', [items]);
    await fleet.start();
    const outside = await fleet.result('outside', 0);
    await fleet.settled();
    for (const worker of fleet.workers.splice(0)) await worker.stop();
    await fleet.job('inside', [items]);
    for (let times = 0; times < 2; times++)
      for (const delivery of await fleet.queues.jobs.receive(10, { waitMs: 0 })) await delivery.retry(0);
    await fleet.start();
    expect(await fleet.result('inside', 0)).toBe(outside);
  });

  it('get a line each when their shard has changed, is gone, or was cut', async () => {
    const files = await photographs();
    const changed = await aShard('changed.tar', files);
    await fleet.put('changed.tar', 'something else');
    const cut = await aShard('cut.tar', files);
    await writeFile(fleet.path('cut.tar'), (await readFile(fleet.path('cut.tar'))).subarray(0, -20_000));
    const { etag } = await fleet.buckets.open(fleet.bucket).get('cut.tar');
    const gone = changed.map((item) => ({ ...item, shard: { ...item.shard, key: 'gone.tar' } as TaskItem['shard'] }));
    await fleet.job('trouble', [changed, gone, cut.map((item) => ({ ...item, etag }))]);
    await fleet.start();
    const codes = async (seq: number) => (await fleet.lines('trouble', seq)).map(({ error }) => error?.code);
    expect(await codes(0)).toEqual(names.map(() => 'SOURCE_CHANGED'));
    expect(await codes(1)).toEqual(names.map(() => 'SOURCE_NOT_FOUND'));
    expect(await codes(2)).toEqual([undefined, undefined, 'PICTURE_CORRUPT']);
  });

  it('come with one request for what lies together, whatever lies between', async () => {
    const all = await aShard(
      '0.tar',
      Array.from({ length: 300 }, (_, at) => [`${at}.jpg`, `picture ${at}`.repeat(100)]),
    );
    const other = await aShard('1.tar', [
      ['a.jpg', 'a'],
      ['b.jpg', 'b'],
    ]);
    const items = [...all.filter((_, at) => at % 3 > 0), ...other];
    const { fetcher, asked, bucket } = aFetcher();
    using runs = new ShardRuns(items, fetcher, bucket);
    const pictures = await Promise.all(items.map((item, index) => runs.fetch(item, index, signal)));
    expect(pictures.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([
      ...Array.from({ length: 300 }, (_, at) => `picture ${at}`.repeat(100)).filter((_, at) => at % 3 > 0),
      'a',
      'b',
    ]);
    expect(asked).toHaveLength(2);
    // Handed out once: whoever comes again gets bytes of its own.
    expect(Buffer.from((await runs.fetch(items[5] as TaskItem, 5, signal)).bytes)).toEqual(
      Buffer.from(pictures[5]?.bytes ?? ''),
    );
    expect(asked).toHaveLength(3);
  });

  it('hold no more than the budget allows, and give all of it back, also what nobody came for', async () => {
    const all = await aShard(
      '0.tar',
      Array.from({ length: 12 }, (_, at) => [`${at}.jpg`, new Uint8Array(900_000).fill(at)]),
    );
    const { fetcher, asked, bucket } = aFetcher({ bytes: 5 << 20 });
    {
      using runs = new ShardRuns(all, fetcher, bucket);
      for (const [index, item] of all.slice(0, 6).entries()) {
        const picture = await runs.fetch(item, index, signal);
        expect(picture.bytes[0]).toBe(index);
        expect(fetcher.heldBytes).toBeLessThanOrEqual(5 << 20);
        picture.release();
      }
      expect(asked).toHaveLength(2);
      expect(fetcher.heldBytes).toBe(2 * 900_000);
    }
    expect(fetcher.heldBytes).toBe(0);
  });

  it('over the limit is refused by itself', async () => {
    const items = await aShard('0.tar', [
      ['a.jpg', 'a'],
      ['large.jpg', new Uint8Array((1 << 20) + 1)],
      ['b.jpg', 'b'],
    ]);
    const { fetcher, bucket } = aFetcher();
    using runs = new ShardRuns(items, fetcher, bucket);
    await expect(runs.fetch(items[1] as TaskItem, 1, signal)).rejects.toMatchObject({ code: 'SOURCE_TOO_MANY_BYTES' });
    expect(Buffer.from((await runs.fetch(items[2] as TaskItem, 2, signal)).bytes).toString()).toBe('b');
  });
});
