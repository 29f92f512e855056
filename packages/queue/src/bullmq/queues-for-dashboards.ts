import type { Queue } from 'bullmq';

export interface DashboardQueuesOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  readonly names: readonly string[];
  /** Namespace of the Redis keys. @default 'bull' */
  readonly prefix?: string | undefined;
  readonly onError?: ((error: Error) => void) | undefined;
}

/** BullMQ's own objects for queues, as its dashboards want them. */
export interface DashboardQueues extends AsyncDisposable {
  readonly queues: readonly Queue[];
}

/** Opens queues for a dashboard: nothing is asked of Redis before the dashboard asks, and Redis may be away meanwhile. */
export async function queuesForDashboards({
  url,
  names,
  prefix = 'bull',
  onError,
}: DashboardQueuesOptions): Promise<DashboardQueues> {
  const [{ Queue }, { Redis }] = await Promise.all([import('bullmq'), import('ioredis')]);
  const client = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: true,
    maxRetriesPerRequest: 1,
    connectTimeout: 3_000,
    retryStrategy: (times) => Math.min(1_000, 50 * 2 ** Math.min(times, 8)),
  });
  client.on('error', (error: Error) => onError?.(error));
  const queues = names.map((name) => {
    const queue = new Queue(name, { connection: client, prefix, skipVersionCheck: true });
    queue.on('error', (error: Error) => onError?.(error));
    return queue;
  });
  return {
    queues,
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(queues.map((queue) => queue.close()));
      client.disconnect();
    },
  };
}
