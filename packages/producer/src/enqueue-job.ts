import { asRookeryError, type Job, type JobSummary, type Sealed } from '@rookery/contracts';
import { summaryIfComplete } from '@rookery/jobs';
import { noTracer, type Tracer } from '@rookery/telemetry';
import type { Feeder } from './feed/feeder.ts';
import { type CreateJobOptions, createJob, type JobRequest } from './plan/job-request.ts';
import { type PlanJobOptions, planJob } from './plan/plan-job.ts';

export interface EnqueueJobOptions extends Omit<CreateJobOptions, 'onStep'>, Omit<PlanJobOptions, 'onStep'> {
  /** Sends the tasks while they are planned; without one they wait in the store for whichever feeder runs. */
  readonly feeder?: Feeder | undefined;
  readonly tracer?: Tracer | undefined;
  /** Called after each step that is durable, for tests that end the process there. */
  readonly onStep?: ((step: string) => void | Promise<void>) | undefined;
}

export interface EnqueuedJob {
  readonly job: Job;
  readonly sealed: Sealed;
  /** Where nothing is left to do: everything was taken over, or there was nothing. */
  readonly summary: JobSummary | undefined;
}

/** Makes a job, or goes on with the one of this name, and plans it to its end. `feeder.fed(job.id)` tells when all is enqueued. */
export async function enqueueJob(request: JobRequest, options: EnqueueJobOptions): Promise<EnqueuedJob> {
  const { job } = await createJob(request, options);
  return finishPlanning(job, options);
}

/** Plans a job that exists to its end: one whose producer was killed, or a retry. */
export async function finishPlanning(job: Job, options: EnqueueJobOptions): Promise<EnqueuedJob> {
  const { feeder, ledger, onTasks, signal, tracer = noTracer } = options;
  const span = tracer.start('plan job', { parent: job.traceparent, attributes: { 'rookery.job': job.id } });
  let sealed: Sealed;
  try {
    sealed = await planJob(job, {
      ...options,
      onTasks: (files) => {
        feeder?.offer(job, files);
        onTasks?.(files);
      },
    });
    span.set({ 'rookery.tasks': sealed.tasks, 'rookery.pictures': sealed.pictures });
  } catch (thrown) {
    span.fail(asRookeryError(thrown).code);
    throw thrown;
  } finally {
    span.end();
  }
  // Workers may have been done before `sealed.json` was there: then nobody else would find the job complete.
  return { job, sealed, summary: await summaryIfComplete(ledger, job, signal) };
}
