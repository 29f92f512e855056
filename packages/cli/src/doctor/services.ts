import { asRookeryError } from '@rookery/contracts';
import type { Config } from '../config.ts';
import { askStore } from '../fleet/check-store.ts';
import { openQueuesOf } from '../queues.ts';
import { openStoreOf } from '../store.ts';
import { type Finding, missing, ok } from './check.ts';

/** Milliseconds that a service gets to answer. */
const patience = 5000;

/** The store and the queue, where they were configured: asked, not just named. */
export async function servicesFindings(config: Config, signal: AbortSignal): Promise<Finding[]> {
  const configured = (setting: string): boolean => config.origins.get(setting) !== 'default';
  return [
    ...(configured('store.location') ? [await storeFinding(config, signal)] : []),
    ...(configured('queue.address') && config.queue.address !== 'memory:' ? [await queueFinding(config)] : []),
  ];
}

async function storeFinding(config: Config, signal: AbortSignal): Promise<Finding> {
  const { location } = config.store;
  try {
    await using store = await openStoreOf(location, config);
    await askStore(store, AbortSignal.any([signal, AbortSignal.timeout(patience)]));
    return ok('Store', location);
  } catch (thrown) {
    return missing('Store', `${location}: ${told(thrown)}`, 'check ROOKERY_STORE, the credentials and the network');
  }
}

async function queueFinding(config: Config): Promise<Finding> {
  const { address, name } = config.queue;
  // It may hold a password.
  const shown = /^rediss?:/.test(address) ? `${new URL(address).host}, ${name}` : address;
  try {
    await using queues = await openQueuesOf(config);
    const [events, jobs] = await Promise.all([queues.events.depth(), queues.jobs.depth()]);
    return ok('Queue', `${shown}: ${events.ready} events and ${jobs.ready} tasks of jobs wait`);
  } catch (thrown) {
    return missing('Queue', `${shown}: ${told(thrown)}`, 'check ROOKERY_QUEUE, the credentials and that it runs');
  }
}

function told(thrown: unknown): string {
  const { code, message } = asRookeryError(thrown, 'INTERNAL');
  return `${code}: ${message}`;
}
