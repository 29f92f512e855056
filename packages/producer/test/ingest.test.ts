import { setTimeout as sleep } from 'node:timers/promises';
import { labelKey, RookeryError, type Task } from '@rookery/contracts';
import { FsStore, type ObjectStore } from '@rookery/storage';
import { silentLogger } from '@rookery/telemetry';
import { expect, it, onTestFinished, vi } from 'vitest';
import { parseEvents } from '../src/events/parse-event.ts';
import { type EventMessage, type EventSource, Ingest, type IngestOptions } from '../src/index.ts';
import { aBucket, aMemoryQueue, aPin, tempFolder } from './fixtures.ts';

/** A source in memory that keeps what is not done, as SQS does. */
class HeldEvents implements EventSource {
  readonly waiting: EventMessage[] = [];
  readonly forgotten: string[] = [];
  returned = 0;

  add(text: string): void {
    this.waiting.push({ id: String(this.waiting.length), text, parse: () => parseEvents(text) });
  }

  async receive(signal: AbortSignal): Promise<EventMessage[]> {
    if (this.waiting.length === 0) await sleep(5, undefined, { signal }).catch(() => {});
    return this.waiting.splice(0, 10);
  }

  async done(messages: readonly EventMessage[]): Promise<void> {
    this.forgotten.push(...messages.map(({ text }) => text));
  }

  async again(messages: readonly EventMessage[]): Promise<void> {
    this.returned += messages.length;
    this.waiting.push(...messages);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const record = (bucket: string, eventName: string, key: string, sequencer?: string, eTag?: string) => ({
  eventName,
  s3: { bucket: { name: bucket }, object: { key: encodeURIComponent(key).replaceAll('%20', '+'), sequencer, eTag } },
});
const created = (bucket: string, key: string, sequencer?: string, etag?: string) =>
  JSON.stringify({ Records: [record(bucket, 'ObjectCreated:Put', key, sequencer, etag)] });
const removed = (bucket: string, key: string, sequencer?: string) =>
  JSON.stringify({ Records: [record(bucket, 'ObjectRemoved:Delete', key, sequencer)] });

async function aPlace(more: Partial<IngestOptions> = {}) {
  const { bucket, store: pictures, folder } = await aBucket();
  const store: ObjectStore = new FsStore(await tempFolder(), { sync: false });
  const source = new HeldEvents();
  const queue = await aMemoryQueue('test-events');
  const ingest = new Ingest({
    source,
    store,
    open: () => pictures,
    queue,
    pinFor: () => aPin,
    top: 3,
    log: silentLogger,
    ...more,
  });
  onTestFinished(() => ingest[Symbol.asyncDispose]());
  const tasks = async (): Promise<Task[]> => {
    const deliveries = await queue.receive(100, { waitMs: 0 });
    return deliveries.flatMap(({ task }) => (task instanceof Error ? [] : [task]));
  };
  return { bucket, folder, pictures, store, source, queue, ingest, tasks };
}

const untilForgotten = (source: HeldEvents, count: number) =>
  vi.waitFor(() => expect(source.forgotten).toHaveLength(count), { timeout: 10_000 });

it('gathers the events of a moment into few tasks and forgets them once those are enqueued', async () => {
  const { bucket, source, ingest, tasks } = await aPlace();
  for (let at = 0; at < 70; at++) source.add(created(bucket, `p ${at}.jpg`, undefined, `e${at}`));
  ingest.start();
  await untilForgotten(source, 70);
  const sent = await tasks();
  expect(sent.length).toBeLessThanOrEqual(3);
  expect(sent.flatMap(({ items = [] }) => items.map(({ key }) => key)).sort()).toEqual(
    Array.from({ length: 70 }, (_, at) => `p ${at}.jpg`).sort(),
  );
  expect(sent[0]).toMatchObject({ v: 1, bucket, top: 3, pin: aPin });
  expect(sent[0]?.job).toBeUndefined();
  expect(ingest.stats).toMatchObject({ messages: 70, pictures: 70, ignored: 0, refused: 0 });
});

it('labels each key with what is to label it: tasks of one version each', async () => {
  const other = { ...aPin, maxPixels: 1 };
  const { bucket, source, ingest, tasks } = await aPlace({ pinFor: (key) => (key.startsWith('c') ? other : aPin) });
  for (const key of ['a.jpg', 'c1.jpg', 'b.jpg', 'c2.jpg']) source.add(created(bucket, key));
  ingest.start();
  await untilForgotten(source, 4);
  const labelledWith = (await tasks()).map(({ pin, items = [] }) => [
    pin.maxPixels,
    items.map(({ key }) => key).sort(),
  ]);
  expect(labelledWith.sort()).toEqual([
    [1, ['c1.jpg', 'c2.jpg']],
    [aPin.maxPixels, ['a.jpg', 'b.jpg']],
  ]);
});

it('of several events of one object in a moment the last counts, in whatever order they come', async () => {
  const { bucket, pictures, source, ingest, tasks } = await aPlace();
  await pictures.put('a.jpg', 'here');
  source.add(created(bucket, 'a.jpg', '03', 'new'));
  source.add(removed(bucket, 'a.jpg', '02'));
  source.add(created(bucket, 'a.jpg', '01', 'old'));
  source.add(created(bucket, 'a.jpg', '03', 'new'));
  ingest.start();
  await untilForgotten(source, 4);
  expect((await tasks()).flatMap(({ items }) => items)).toEqual([{ key: 'a.jpg', etag: 'new' }]);
});

it('an event is not forgotten while its task cannot be enqueued', async () => {
  const { bucket, source, queue, ingest, tasks } = await aPlace();
  const send = vi.spyOn(queue, 'send').mockRejectedValueOnce(new Error('down'));
  source.add(created(bucket, 'a.jpg'));
  ingest.start();
  await vi.waitFor(() => expect(source.returned).toBe(1), { timeout: 10_000 });
  expect(source.forgotten).toEqual([]);
  await untilForgotten(source, 1);
  expect(send).toHaveBeenCalledTimes(2);
  expect(await tasks()).toHaveLength(1);
});

it("Rookery's own writes, fed back as events, become no work", async () => {
  const { bucket, store: pictures, folder } = await aBucket();
  const own = new FsStore(`${folder}/rookery`, { sync: false });
  const { source, ingest, tasks } = await aPlace({ store: own, open: () => pictures, filter: { suffixes: [''] } });
  for (const key of ['jobs/j/results/0000000000.jsonl', labelKey(bucket, 'a.jpg'), 'jobs/j/job.json', 'uploads/x.jpg'])
    await own.put(key, 'x');
  let fed = 0;
  for await (const page of pictures.list(''))
    for (const { key } of page) {
      source.add(created(bucket, key));
      fed++;
    }
  expect(fed).toBe(4);
  ingest.start();
  await untilForgotten(source, fed);
  expect(await tasks()).toEqual([]);
  expect(ingest.stats).toMatchObject({ ignored: 4, tasks: 0, pictures: 0 });
});

it('keys that do not end as pictures do are forgotten', async () => {
  const { bucket, source, ingest, tasks } = await aPlace();
  for (const key of ['notes.txt', 'folder/', 'a.PNG']) source.add(created(bucket, key));
  ingest.start();
  await untilForgotten(source, 3);
  expect((await tasks()).flatMap(({ items = [] }) => items.map(({ key }) => key))).toEqual(['a.PNG']);
});

it('every key ends as nothing does: an empty ending is that of all', async () => {
  const { bucket, source, ingest, tasks } = await aPlace({ filter: { suffixes: [''] } });
  for (const key of ['0a1b2c', 'folder/', 'a.PNG']) source.add(created(bucket, key));
  ingest.start();
  await untilForgotten(source, 3);
  expect((await tasks()).flatMap(({ items = [] }) => items.map(({ key }) => key)).sort()).toEqual(['0a1b2c', 'a.PNG']);
});

it('the label of a removed picture goes, unless it is to be kept', async () => {
  for (const onRemoved of ['delete', 'keep'] as const) {
    const { bucket, store, source, ingest, tasks } = await aPlace({ onRemoved });
    await store.put(labelKey(bucket, 'a.jpg'), '{}');
    source.add(removed(bucket, 'a.jpg'));
    ingest.start();
    await untilForgotten(source, 1);
    expect((await store.head(labelKey(bucket, 'a.jpg'))) !== undefined).toBe(onRemoved === 'keep');
    expect(await tasks()).toEqual([]);
  }
});

it('a removal that comes late, after the picture is there again, has it labelled and loses nothing', async () => {
  const { bucket, pictures, store, source, ingest, tasks } = await aPlace();
  await pictures.put('a.jpg', 'here again');
  await store.put(labelKey(bucket, 'a.jpg'), '{}');
  source.add(removed(bucket, 'a.jpg'));
  ingest.start();
  await untilForgotten(source, 1);
  expect(await store.head(labelKey(bucket, 'a.jpg'))).toBeDefined();
  expect((await tasks()).flatMap(({ items }) => items)).toEqual([{ key: 'a.jpg' }]);
});

it('what cannot be read, or names a bucket that may not be read, is set aside with its reason and blocks nothing', async () => {
  const { bucket, pictures } = await aBucket().then(({ bucket, store }) => ({ bucket, pictures: store }));
  const open = (name: string) => {
    if (name === bucket) return pictures;
    throw new RookeryError('BUCKET_REFUSED', { detail: name });
  };
  const { store, source, ingest, tasks } = await aPlace({ open });
  source.add('not JSON');
  source.add(created('foreign', 'a.jpg'));
  source.add(JSON.stringify({ Records: ['nonsense', record(bucket, 'ObjectCreated:Put', 'good.jpg')] }));
  ingest.start();
  await untilForgotten(source, 3);
  expect((await tasks()).flatMap(({ items = [] }) => items.map(({ key }) => key))).toEqual(['good.jpg']);
  const refused: { reason: { code: string }; message: string }[] = [];
  for await (const page of store.list('jobs/.events/refused/'))
    for (const { key } of page) refused.push(JSON.parse(Buffer.from((await store.get(key)).body).toString()));
  expect(refused.map(({ reason }) => reason.code).sort()).toEqual([
    'BUCKET_REFUSED',
    'TASK_MALFORMED',
    'TASK_MALFORMED',
  ]);
  expect(refused.map(({ message }) => message)).toContain('not JSON');
});

it('long keys are spread over as many tasks as it takes', async () => {
  const { bucket, source, ingest, tasks } = await aPlace();
  for (let at = 0; at < 64; at++) source.add(created(bucket, `${'\u0001'.repeat(300)}${at}.jpg`));
  ingest.start();
  await untilForgotten(source, 64);
  const sent = await tasks();
  expect(sent.length).toBeGreaterThan(1);
  expect(sent.flatMap(({ items = [] }) => items)).toHaveLength(64);
});
