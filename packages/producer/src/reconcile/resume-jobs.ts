import { asRookeryError, jobLayout } from '@rookery/contracts';
import { listJobs, summaryIfComplete } from '@rookery/jobs';
import type { TaskQueue } from '@rookery/queue';
import type { Logger } from '@rookery/telemetry';
import { type EnqueueJobOptions, finishPlanning } from '../enqueue-job.ts';
import { reconcileJob } from './reconcile-job.ts';

export interface ResumeJobsOptions extends EnqueueJobOptions {
  readonly queue: TaskQueue;
  readonly log: Logger;
}

/**
 * Goes on with every job that is neither complete nor cancelled: plans it to its end and enqueues again what was enqueued and has no
 * result. For a process with a queue of its own that has just started. A job that fails is logged and left. Resolves to their number.
 */
export async function resumeJobs(options: ResumeJobsOptions): Promise<number> {
  const { ledger, queue, log, signal } = options;
  let resumed = 0;
  for (const job of await listJobs(ledger, signal)) {
    try {
      if (await ledger.store.head(jobLayout(job.id).cancelled, signal)) continue;
      if (await summaryIfComplete(ledger, job, signal)) continue;
      // What was enqueued first: the feeder must not have moved on meanwhile.
      const tasks = await reconcileJob(job.id, { ledger, queue, signal });
      await finishPlanning(job, options);
      log.info({ job: job.id, tasks }, 'going on with a job');
      resumed++;
    } catch (cause) {
      signal?.throwIfAborted();
      log.error({ job: job.id, err: asRookeryError(cause) }, 'a job could not be gone on with');
    }
  }
  return resumed;
}
