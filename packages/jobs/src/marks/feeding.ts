import type { ObjectStore } from '@rookery/storage';
import * as z from 'zod';
import { getJson, jsonOptions } from '../json-object.ts';

/** One object for each job whose tasks are not all enqueued yet: one listing finds them. No job is called `.feeding`. */
const feedingFolder = 'jobs/.feeding/';
export const feedingKey = (job: string): string => `${feedingFolder}${job}.json`;

/**
 * How far a job's tasks are enqueued, and who does it. A hint: losing it repeats messages, nothing else. `beat` changes with every
 * round of the feeder that owns it, so that another can tell, by its own clock, that the owner is gone.
 */
export const Feeding = z.strictObject({ upTo: z.int().min(0), owner: z.string(), beat: z.int() });
export type Feeding = z.infer<typeof Feeding>;

export const findFeeding = (store: ObjectStore, job: string, signal?: AbortSignal): Promise<Feeding | undefined> =>
  getJson(store, feedingKey(job), Feeding, signal);

export async function putFeeding(
  store: ObjectStore,
  job: string,
  feeding: Feeding,
  options: { ifAbsent?: boolean; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  await store.put(feedingKey(job), JSON.stringify(feeding), { ...options, ...jsonOptions });
}

/** All of its tasks are enqueued, or it was cancelled or deleted. */
export const endFeeding = (store: ObjectStore, job: string, signal?: AbortSignal): Promise<void> =>
  store.delete([feedingKey(job)], signal);

/** Jobs that have tasks left to enqueue. */
export async function* jobsToFeed(store: ObjectStore, signal?: AbortSignal): AsyncGenerator<string> {
  for await (const page of store.list(feedingFolder, { signal }))
    for (const { key } of page) yield key.slice(feedingFolder.length, -'.json'.length);
}
