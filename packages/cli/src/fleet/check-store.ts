import { asRookeryError } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import type { Logger } from '@rookery/telemetry';

const patienceMs = 5_000;

/**
 * Asks the store once, before anything depends on it. What will be the same next time ends the process; a store that only does not
 * answer now is waited for by whoever needs it.
 * @throws {RookeryError} STORE_NOT_FOUND, STORE_DENIED
 */
export async function checkStore(
  store: ObjectStore,
  { log, signal }: { readonly log: Logger; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  try {
    await askStore(store, AbortSignal.any([AbortSignal.timeout(patienceMs), ...(signal ? [signal] : [])]));
  } catch (thrown) {
    const err = asRookeryError(thrown, 'STORE_UNAVAILABLE');
    if (err.code === 'STORE_NOT_FOUND' || err.code === 'STORE_DENIED') throw err;
    if (!signal?.aborted) log.warn({ store: store.location, err }, 'the store does not answer yet');
  }
}

/** One request that every process of a fleet may make. @throws {RookeryError} whatever the store says */
export async function askStore(store: ObjectStore, signal: AbortSignal): Promise<void> {
  for await (const _ of store.list('jobs/', { pageSize: 1, signal })) return;
}
