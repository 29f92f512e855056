import { type Digest, fleetLayout, lateBeatMs, WorkerBeat } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import { getJson } from './json-object.ts';
import { forEachParallel } from './parallel.ts';

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
  const reasons = new Map<string, number>();
  let workers = 0;
  await forEachParallel(keys.slice(0, asked), 8, async (key) => {
    // One that stopped at this moment, or is a worker of another time, says nothing.
    const beat = await getJson(store, key, WorkerBeat, signal).catch(() => undefined);
    if (beat === undefined) return;
    workers += 1;
    const refused = beat.cannot.find((one) => one.pin === pin);
    if (refused) reasons.set(refused.why, (reasons.get(refused.why) ?? 0) + 1);
  });
  return { workers, reasons };
}
