import { RookeryError } from '@rookery/contracts';
import type { MinimalJob, RedisQueueBackend } from 'bullmq';
import type { Lease } from '../delivery.ts';
import { type FetchedJob, whileLeased } from './backend.ts';
import { encodeReason, encodeStack } from './failed-reason.ts';
import type { RedisLink } from './redis-link.ts';

interface Parts {
  readonly name: string;
  readonly leaseMs: number;
  readonly link: RedisLink;
  readonly backend: RedisQueueBackend;
}

/** What can be done with a job while its lock is ours. Settling one whose lock is gone does nothing. */
export function leaseOf({ id, token }: FetchedJob, { name, leaseMs, link, backend }: Parts): Lease {
  // The scripts read no more than this of a job.
  const job = { id, opts: { attempts: 1 } } as MinimalJob;
  return {
    async extend() {
      // With another's token or none it answers 0 and does not throw.
      const extended = await link.call('extending a lease', () => backend.extendLock(id, token, leaseMs));
      if (extended !== 1) throw new RookeryError('LEASE_LOST', { detail: `${name}, job ${id}` });
    },
    async ack() {
      await whileLeased(link, 'acknowledging a task', () => backend.moveToCompleted(job, 'null', true, token, false));
    },
    async retry(delayMs) {
      await whileLeased(link, 'giving a task back', () =>
        delayMs === 0
          ? backend.moveJobFromActiveToWait(id, token)
          : backend.moveToDelayed(id, Date.now(), delayMs, token, { skipAttempt: true }),
      );
    },
    async bury(reason) {
      await whileLeased(link, 'burying a task', () =>
        backend.moveToFailed(job, encodeReason(reason), false, token, false, { stacktrace: encodeStack(reason) }),
      );
    },
  };
}
