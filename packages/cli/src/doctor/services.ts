import { asRookeryError } from '@rookery/contracts';
import type { Config } from '../config.ts';
import { openStoreOf } from '../store.ts';
import { type Finding, missing, ok } from './check.ts';

/** Milliseconds that a service gets to answer. */
const patience = 5000;

/** The store, where one was configured: asked, not just named. */
export async function servicesFindings(config: Config, signal: AbortSignal): Promise<Finding[]> {
  if (config.origins.get('store.location') === 'default') return [];
  const { location } = config.store;
  try {
    await using store = await openStoreOf(location, config);
    await store.head('jobs/', AbortSignal.any([signal, AbortSignal.timeout(patience)]));
    return [ok('Store', location)];
  } catch (thrown) {
    const { code, message } = asRookeryError(thrown, 'STORE_UNAVAILABLE');
    return [
      missing('Store', `${location}: ${code}: ${message}`, 'check ROOKERY_STORE, the credentials and the network'),
    ];
  }
}
