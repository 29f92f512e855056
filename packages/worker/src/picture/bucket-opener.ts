import { silentLogger } from '@rookery/telemetry';
import { StoreGuard } from '../store-guard.ts';
import type { WorkerOptions } from '../worker-options.ts';
import type { Bucket } from './fetcher.ts';

/**
 * Opens buckets by name, each once and with one guard, however many tasks read from it.
 * @param hold While this is true no bucket is given up, as in `StoreGuardOptions`.
 */
export function bucketOpener(
  { buckets, log = silentLogger }: Pick<WorkerOptions, 'buckets' | 'log'>,
  hold: () => boolean,
  giveUpAfterMs: number,
) {
  const opened = new Map<string, Bucket>();
  return (name: string): Bucket => {
    const known = opened.get(name);
    if (known) return known;
    const store = buckets.open(name);
    const guard = new StoreGuard({ location: store.location, log, giveUpAfterMs, hold });
    const bucket = { store, guard };
    opened.set(name, bucket);
    return bucket;
  };
}
