import { encodeTask, type Task } from '@rookery/contracts';
import type { JobJson } from 'bullmq';

/** One attempt as far as BullMQ is concerned: redelivery is ours to decide. Nothing is kept of what was done. */
const opts = { attempts: 1, removeOnComplete: true, removeOnFail: false };

/** What dashboards list. */
export const jobName = ({ job, seq }: Task): string => (job === undefined ? 'event' : `${job}/${seq}`);

/** A job as BullMQ adds it; it chooses the id. */
export const jobOfTask = (task: Task): { job: JobJson; jobId: string } => ({
  jobId: '',
  job: {
    id: '',
    name: jobName(task),
    data: encodeTask(task),
    opts,
    timestamp: Date.now(),
    progress: 0,
    attemptsMade: 0,
    attemptsStarted: 0,
    stalledCounter: 0,
    failedReason: '',
    returnvalue: '',
  },
});
