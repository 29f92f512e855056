import { RookeryError } from '@rookery/contracts';
import type { OutageLog } from './bullmq/outage-log.ts';
import type { MemoryBroker } from './memory/memory-broker.ts';
import type { QueueLog } from './queue-log.ts';

interface EveryQueue {
  /** Letters, digits, `-` and `_`, at most 75: it becomes a Redis key and an SQS name. */
  readonly name: string;
  /** How long a delivered task is hidden from others. Whole seconds in milliseconds, up to twelve hours. */
  readonly leaseMs: number;
  readonly log?: QueueLog | undefined;
}

/** In this process only, and gone with it. */
export interface MemoryQueueOptions extends EveryQueue {
  readonly kind: 'memory';
  /** What producer and worker share. Without one the queue is its own. */
  readonly broker?: MemoryBroker | undefined;
}

/** BullMQ on Redis 6.2 or later with `maxmemory-policy noeviction`. */
export interface BullmqQueueOptions extends EveryQueue {
  readonly kind: 'bullmq';
  /** `redis://` or `rediss://`, with user, password and database number where needed. */
  readonly url: string;
  /** Namespace of the Redis keys, BullMQ's own by default: `bull`. */
  readonly prefix?: string | undefined;
  /** After how long without an answer a call fails and its connection is torn down. */
  readonly callTimeoutMs?: number | undefined;
  /** Shared by the queues of one server, so that they say its trouble once. By default each says its own. */
  readonly outages?: OutageLog | undefined;
}

/** Amazon SQS standard queues, or a server that speaks its protocol. */
export interface SqsQueueOptions extends EveryQueue {
  readonly kind: 'sqs';
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  /** Where the address is known; else it is looked up by name. */
  readonly queueUrl?: string | undefined;
  /** Make `name` and `name-dead` where they are missing. */
  readonly create?: boolean | undefined;
  /** Without them: the standard chain (environment, profile, container, instance). */
  readonly credentials?:
    | { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }
    | undefined;
  /** PEM: who may sign the server's certificate, instead of those that Node trusts. */
  readonly ca?: string | undefined;
  /** Length of one long poll, up to 20,000. A shutdown waits for the one under way; shorter ones cost more requests. */
  readonly pollMs?: number | undefined;
}

export type QueueOptions = MemoryQueueOptions | BullmqQueueOptions | SqsQueueOptions;

const longestLeaseMs = 12 * 3_600_000;

/** @throws {RookeryError} CONFIG_INVALID */
export function checkOptions({ name, leaseMs }: EveryQueue): void {
  if (!/^[A-Za-z0-9_-]{1,75}$/.test(name)) {
    throw new RookeryError('CONFIG_INVALID', {
      detail: `queue name ${JSON.stringify(name)}: allowed are 1 to 75 letters, digits, "-" and "_"`,
    });
  }
  if (!Number.isInteger(leaseMs / 1_000) || leaseMs < 1_000 || leaseMs > longestLeaseMs) {
    throw new RookeryError('CONFIG_INVALID', {
      detail: `leaseMs ${leaseMs}: allowed are whole seconds from 1000 to ${longestLeaseMs}`,
    });
  }
}
