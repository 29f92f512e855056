import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeResultLine, labelKey, type Task } from '@rookery/contracts';
import { compareUtf8, FsStore } from '@rookery/storage';
import { expect, it } from 'vitest';
import { aJob, aLine, counting } from '../../jobs/test/fixtures.ts';
import { reconcileLabels } from '../src/index.ts';
import { inLabelOrder } from '../src/reconcile/label-order.ts';
import { aBucket, aMemoryQueue, aPin, tempFolder } from './fixtures.ts';

it('keys come in the order of their labels, holding back only keys that begin others', async () => {
  const keys = [
    'a',
    'a-b',
    'a-b!c',
    'a.j',
    'a.jpg',
    'a.json',
    'a.jsonx',
    'a/b',
    'a/b-c',
    'ab',
    'b',
    'b!',
    'b!!',
    'é',
    '\uFF01',
    '🐦',
    '🐦!',
  ];
  async function* sorted() {
    for (const key of [...keys].sort(compareUtf8)) yield { key };
  }
  const names: string[] = [];
  for await (const { key } of inLabelOrder(sorted())) names.push(`${key}.json`);
  expect(names).toEqual(keys.map((key) => `${key}.json`).sort(compareUtf8));
});

/** Pictures that are an hour old and their labels. */
async function aPlace(keys: readonly string[]) {
  const { bucket, folder, store: pictures } = await aBucket(keys);
  const anHourAgo = new Date(Date.now() - 3_600_000);
  for (const key of keys) await utimes(join(folder, key), anHourAgo, anHourAgo);
  const store = new FsStore(await tempFolder(), { sync: false });
  const label = async (key: string, etag?: string) => {
    const line = aLine(aJob(), { key, etag: etag ?? (await pictures.head(key))?.etag });
    await store.put(labelKey(bucket, key), encodeResultLine(line));
  };
  const queue = await aMemoryQueue('test-events');
  const reconcile = async (more: object = {}) => {
    const counted = counting(store);
    const counts = await reconcileLabels({
      store: counted,
      pictures,
      bucket,
      prefix: '',
      queue,
      pinFor: () => aPin,
      top: 3,
      ...more,
    });
    const deliveries = await queue.receive(100, { waitMs: 0 });
    for (const { ack } of deliveries) await ack();
    const tasks = deliveries.flatMap(({ task }) => (task instanceof Error ? [] : [task satisfies Task]));
    return {
      counts,
      tasks,
      keys: tasks.flatMap(({ items = [] }) => items.map(({ key }) => key)),
      read: counted.keysRead,
    };
  };
  return { bucket, folder, pictures, store, label, reconcile };
}

it('pictures without a label are enqueued, from the listings alone', async () => {
  const keys = ['a-1.jpg', 'a.jpg', 'b/c.jpg', 'b.jpg', `${'x'.repeat(240)}.jpg`];
  const { label, reconcile } = await aPlace(keys);
  for (const key of keys) if (key !== 'b/c.jpg') await label(key);
  const { counts, keys: enqueued, tasks, read } = await reconcile();
  expect(enqueued).toEqual(['b/c.jpg']);
  expect(tasks[0]).toMatchObject({ recheck: true });
  expect(counts).toEqual({ pictures: 5, enqueued: 1, orphans: 0, read: 0 });
  expect(read).toEqual([]);
});

it('each picture is enqueued with the pin that is its own, many of them in few tasks', async () => {
  const keys = Array.from({ length: 150 }, (_, i) => `${i}.jpg`);
  const { reconcile } = await aPlace(keys);
  const canary = { ...aPin, model: { ...aPin.model, version: 'ba9876543210' } };
  const pinFor = (key: string) => (Number.parseInt(key, 10) % 3 === 0 ? canary : aPin);
  const { tasks, counts, keys: enqueued } = await reconcile({ pinFor });
  expect(counts.enqueued).toBe(150);
  expect(enqueued.toSorted()).toEqual(keys.toSorted());
  for (const { pin, items = [] } of tasks)
    for (const { key } of items) expect(pin.model.version).toBe(pinFor(key).model.version);
  expect(tasks).toHaveLength(3);
});

it('a picture that was overwritten since, its event lost, is enqueued with its new etag', async () => {
  const { pictures, label, reconcile } = await aPlace(['a.jpg', 'b.jpg']);
  await label('a.jpg');
  await label('b.jpg');
  await pictures.put('b.jpg', 'another');
  const { tasks, counts } = await reconcile();
  expect(tasks.flatMap(({ items }) => items)).toEqual([{ key: 'b.jpg', etag: (await pictures.head('b.jpg'))?.etag }]);
  expect(counts.read).toBe(1);
});

it('a label that is younger than its picture and yet of another state is found where every label is read', async () => {
  const { label, reconcile } = await aPlace(['a.jpg']);
  await label('a.jpg', 'of-an-older-state');
  expect((await reconcile()).keys).toEqual([]);
  expect((await reconcile({ verify: true })).keys).toEqual(['a.jpg']);
});

it('labels without a picture are counted, and removed where that is asked for', async () => {
  const { bucket, pictures, store, label, reconcile } = await aPlace(['a.jpg', 'a-b.jpg', 'z.jpg']);
  for (const key of ['a.jpg', 'a-b.jpg', 'z.jpg']) await label(key);
  await pictures.delete(['a-b.jpg', 'z.jpg']);
  expect((await reconcile()).counts).toMatchObject({ pictures: 1, enqueued: 0, orphans: 2 });
  expect((await reconcile({ removeOrphans: true })).counts.orphans).toBe(2);
  expect(await store.head(labelKey(bucket, 'z.jpg'))).toBeUndefined();
  expect((await reconcile()).counts.orphans).toBe(0);
});
