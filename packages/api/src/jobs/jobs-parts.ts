import type { Pin, WorkerBeat } from '@rookery/contracts';
import type { JobLedger } from '@rookery/jobs';
import type { Feeder } from '@rookery/producer';
import type { TaskQueue } from '@rookery/queue';
import type { Buckets, ObjectStore } from '@rookery/storage';
import type { QueueDashboardOptions } from '../fleet/queue-dashboard.ts';
import type { UploadsOptions } from '../uploads/uploads.ts';
import type { WebhooksOptions } from '../webhooks/webhooks-options.ts';
import type { JobLimits } from './job-limits.ts';

/** What jobs are made of and run on. What has a life stays its owner's. */
export interface JobsParts {
  readonly store: ObjectStore;
  readonly ledger: JobLedger;
  /** The buckets that jobs may read. */
  readonly buckets: Pick<Buckets, 'open'>;
  readonly queues: { readonly events: TaskQueue; readonly jobs: TaskQueue };
  readonly feeder: Feeder;
  /**
   * What a job made with this reference (the default model without one) is pinned to: for the canary's share of job ids, the canary.
   */
  pinOf(reference?: string, job?: string): Promise<Pin>;
  /**
   * What of earlier processes is gone on with at the start. `tasks`: all that has no result, for a queue that died with its process.
   * `plans`: jobs that nobody plans any more, for a queue that others share. `nothing`: somebody else does it. @default 'plans'
   */
  readonly resume?: 'tasks' | 'plans' | 'nothing' | undefined;
  /** Where pictures are put for jobs. Without it there are no uploads. */
  readonly uploads?: UploadsOptions | undefined;
  /** Without it a job with a webhook is refused. */
  readonly webhooks?: WebhooksOptions | undefined;
  /** Signs of life of workers in this process; others leave theirs in the store. */
  readonly workers?: (() => readonly WorkerBeat[]) | undefined;
  /** BullMQ's own dashboard for these queues, at `/queues`. */
  readonly dashboard?: QueueDashboardOptions | undefined;
  readonly limits?: Partial<JobLimits> | undefined;
}
