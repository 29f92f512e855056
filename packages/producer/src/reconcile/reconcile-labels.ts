import { labelKey, labelsOf, type Pin, type SourceFilter, type TaskItem } from '@rookery/contracts';
import { findLabel, mapInOrder, ownKeys, removeLabel } from '@rookery/jobs';
import type { TaskQueue } from '@rookery/queue';
import { compareUtf8, type ObjectInfo, type ObjectStore } from '@rookery/storage';
import { eventTasks } from '../events/event-tasks.ts';
import { createFilter, pictureSuffixes } from '../plan/filter.ts';
import { inLabelOrder } from './label-order.ts';
import { type TraceOptions, tracedSends } from './traced-sends.ts';

export interface ReconcileLabelsOptions extends TraceOptions {
  readonly store: ObjectStore;
  readonly pictures: ObjectStore;
  readonly bucket: string;
  readonly prefix: string;
  /** `<name>-events`. */
  readonly queue: TaskQueue;
  /** What a picture without its label is to be labelled with. */
  readonly pinFor: (key: string) => Pin;
  readonly top: number;
  readonly filter?: Pick<SourceFilter, 'suffixes' | 'glob' | 'sample'> | undefined;
  /** Reads every label instead of trusting those that are younger than their picture. */
  readonly verify?: boolean | undefined;
  /** Deletes labels whose picture is gone. */
  readonly removeOrphans?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ReconciledLabels {
  readonly pictures: number;
  /** Enqueued: without a label, or with that of another state. */
  readonly enqueued: number;
  /** Labels without a picture. */
  readonly orphans: number;
  /** Labels that had to be read. */
  readonly read: number;
}

/**
 * A label that is not younger than its picture by this much may be that of an earlier state: it is read. Stores keep whole seconds.
 */
const marginMs = 2_000;
const readAhead = 32;
const perTask = 64;

/**
 * Compares pictures with labels and enqueues what has none, or that of another state: after it, losing all events and the whole queue has
 * lost nothing. Two listings, joined as they come, in bounded memory.
 *
 * A label is written after its picture was looked at once more (`writeLabel`), so one that is younger than the picture is that
 * picture's: nothing but the listings is needed. Only where times are too close or the wrong way round the label is read and its etag
 * compared. (What this cannot see is a worker that died between overwriting a newer label and noticing it, whose task was then lost, too:
 * `verify` reads all labels.) Labels under hashed names (very long keys) are asked for one by one.
 */
export async function reconcileLabels(options: ReconcileLabelsOptions): Promise<ReconciledLabels> {
  const { queue, bucket, pinFor, top, signal, store, pictures } = options;
  const counts = { pictures: 0, enqueued: 0, orphans: 0, read: 0 };
  const held = new Map<Pin, TaskItem[]>();
  const send = tracedSends(queue, options);
  const flush = async (pin: Pin, items: readonly TaskItem[]) => {
    await send((traceparent) => eventTasks(bucket, items, { pin, top, recheck: true, traceparent }), signal);
    held.delete(pin);
  };
  const looked = mapInOrder(joined(options), readAhead, async (pair) => ({
    pair,
    stale: await isStale(pair, options, counts),
  }));
  for await (const { pair, stale } of looked) {
    if (!pair.picture) {
      counts.orphans++;
      if (options.removeOrphans) await removeLabel({ store, pictures, bucket }, pair.key, signal);
      continue;
    }
    counts.pictures++;
    if (!stale) continue;
    counts.enqueued++;
    const pin = pinFor(pair.key);
    const items = [...(held.get(pin) ?? []), { key: pair.key, etag: pair.picture.etag }];
    held.set(pin, items);
    if (items.length >= perTask) await flush(pin, items);
  }
  for (const [pin, items] of held) await flush(pin, items);
  return counts;
}

interface Pair {
  readonly key: string;
  readonly picture?: ObjectInfo | undefined;
  readonly label?: ObjectInfo | undefined;
}

async function isStale(
  { key, picture, label }: Pair,
  { store, bucket, verify, signal }: ReconcileLabelsOptions,
  counts: { read: number },
): Promise<boolean> {
  if (!picture) return false;
  const hashed = labelKey(bucket, key) !== plainLabel(bucket, key);
  const there = hashed ? await store.head(labelKey(bucket, key), signal) : label;
  if (!there) return true;
  if (!verify && there.lastModified.getTime() >= picture.lastModified.getTime() + marginMs) return false;
  counts.read++;
  return (await findLabel(store, bucket, key, signal))?.etag !== picture.etag;
}

const plainLabel = (bucket: string, key: string): string => `${labelsOf(bucket)}${key}.json`;

/** Both listings side by side, in the order of the labels' names. */
async function* joined({
  store,
  pictures,
  bucket,
  prefix,
  filter,
  signal,
}: ReconcileLabelsOptions): AsyncGenerator<Pair> {
  const keep = createFilter(
    { suffixes: [...pictureSuffixes], ...filter },
    { prefix, isOwn: ownKeys(store.location, bucket) },
  );
  const root = labelsOf(bucket);
  const labels = flat(store.list(root + prefix, { signal }));
  try {
    let label = await nextLabel(labels, root);
    for await (const picture of inLabelOrder(flat(pictures.list(prefix, { signal })))) {
      while (label && compareUtf8(`${label.key}.json`, `${picture.key}.json`) < 0) {
        yield { key: label.key, label: label.info };
        label = await nextLabel(labels, root);
      }
      const own = label?.key === picture.key ? label.info : undefined;
      // Where it is not ours to label, its label (made under other filters) is still no orphan.
      if (keep({ item: picture, next: {} })) yield { key: picture.key, picture, label: own };
      if (own) label = await nextLabel(labels, root);
    }
    for (; label; label = await nextLabel(labels, root)) yield { key: label.key, label: label.info };
  } finally {
    await labels.return(undefined);
  }
}

async function nextLabel(
  labels: AsyncGenerator<ObjectInfo>,
  root: string,
): Promise<{ key: string; info: ObjectInfo } | undefined> {
  for (;;) {
    const next = await labels.next();
    if (next.done) return undefined;
    const name = next.value.key.slice(root.length);
    if (name.endsWith('.json') && !name.startsWith('.hashed/'))
      return { key: name.slice(0, -'.json'.length), info: next.value };
  }
}

async function* flat(pages: AsyncIterable<readonly ObjectInfo[]>): AsyncGenerator<ObjectInfo> {
  for await (const page of pages) yield* page;
}
