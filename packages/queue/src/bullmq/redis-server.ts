import { RookeryError } from '@rookery/contracts';
import type { QueueLog } from '../queue-log.ts';
import type { RedisLink } from './redis-link.ts';

const oldest = [6, 2] as const;

/**
 * Refuses a Redis that is too old, speaks as Cluster or Sentinel, or lacks the database; warns of one that may throw tasks away.
 *
 * @throws {RookeryError} QUEUE_UNAVAILABLE
 */
export async function checkServer(link: RedisLink, log: QueueLog | undefined): Promise<void> {
  const info = await link.call('asking Redis what it is', () => link.client.info());
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const version = field('redis_version') ?? '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (version !== '' && (major < oldest[0] || (major === oldest[0] && minor < oldest[1]))) {
    throw new RookeryError('QUEUE_UNAVAILABLE', {
      detail: `Redis ${version} is too old: ${oldest.join('.')} or later is needed`,
      retryable: false,
    });
  }
  const mode = field('redis_mode');
  if (mode === 'cluster' || mode === 'sentinel') {
    const what = mode === 'cluster' ? 'a node of a Redis Cluster' : 'a Sentinel';
    throw new RookeryError('QUEUE_UNAVAILABLE', {
      detail: `this is ${what}, which a queue cannot lie in: the address of one Redis, or of what follows its primary, is needed`,
      retryable: false,
    });
  }
  // Where it does not exist, the connection stays in database 0 without a word.
  const { db = 0 } = link.client.options;
  if (db > 0) await link.call(`choosing database ${db}`, () => link.client.select(db));
  const policy = field('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    log?.warn(
      { maxmemoryPolicy: policy },
      'Redis may evict tasks when it runs out of memory: set maxmemory-policy noeviction',
    );
  }
}
