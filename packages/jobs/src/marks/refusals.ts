import { type Digest, fleetLayout, lateBeatMs, WorkerBeat } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import { getJson } from '../json-object.ts';
import { forEachParallel } from '../parallel.ts';

/** Signs read at most: enough to know why, however large the fleet. */
const asked = 50;

export interface Refusals {
  /** Workers that said lately that they are there; of a large fleet some of them. */
  readonly workers: number;
  /** Those of them that gave tasks with this pin back, by the reason. */
  readonly reasons: ReadonlyMap<string, number>;
}

/** What the workers on this store say of a pin that tasks ask for, by their signs of life. A hint: nothing rests on it. */
export async function findRefusals(store: ObjectStore, pin: Digest, signal?: AbortSignal): Promise<Refusals> {
  const keys: string[] = [];
  for await (const page of store.list(fleetLayout.root, { signal }))
    keys.push(
      ...page.filter(({ lastModified }) => Date.now() - lastModified.getTime() < lateBeatMs).map(({ key }) => key),
    );
  const beats: WorkerBeat[] = [];
  await forEachParallel(keys.slice(0, asked), 8, async (key) => {
    // One that stopped at this moment, or is a worker of another time, says nothing.
    const beat = await getJson(store, key, WorkerBeat, signal).catch(() => undefined);
    if (beat) beats.push(beat);
  });
  return refusalsIn(beats, pin);
}

/** What these signs of life say of it. */
export function refusalsIn(beats: readonly WorkerBeat[], pin: Digest): Refusals {
  const reasons = new Map<string, number>();
  for (const { cannot } of beats) {
    const why = cannot.find((one) => one.pin === pin)?.why;
    if (why !== undefined) reasons.set(why, (reasons.get(why) ?? 0) + 1);
  }
  return { workers: beats.length, reasons };
}
