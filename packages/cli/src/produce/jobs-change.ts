import { RookeryError } from '@rookery/contracts';
import { summaryIfComplete } from '@rookery/jobs';
import { createRetry, Feeder, finishPlanning, reconcileJob } from '@rookery/producer';
import { jobName } from '../config/kinds.ts';
import type { CommandContext } from '../context.ts';
import { openQueuesOf } from '../queues.ts';
import { inSpan } from '../traces/in-span.ts';
import { tracerOf } from '../traces/tracer-of.ts';
import { startFeeding } from './feeding.ts';
import { type JobsOptions, openLedger } from './jobs-store.ts';
import { parseFlag } from './parse-flag.ts';
import { openPlaces } from './producer-parts.ts';

/** `rookery jobs cancel`. */
export async function cancelJob(id: string, options: JobsOptions, context: CommandContext): Promise<void> {
  await using opened = await openLedger(options, context);
  const { ledger } = opened;
  if (await summaryIfComplete(ledger, await ledger.read(id, context.signal), context.signal))
    throw new RookeryError('JOB_COMPLETE', { detail: id });
  await ledger.cancel(id);
  await say(
    context,
    options,
    { job: id, state: 'cancelled' },
    `${id} is cancelled; workers drop its tasks within seconds\n`,
  );
}

/** `rookery jobs delete`. */
export async function deleteJob(
  id: string,
  options: JobsOptions & { yes?: boolean },
  context: CommandContext,
): Promise<void> {
  await using opened = await openLedger(options, context);
  const { ledger } = opened;
  const job = await ledger.find(id, context.signal);
  if (job && !options.yes && !(await summaryIfComplete(ledger, job, context.signal)))
    throw new RookeryError('JOB_NOT_COMPLETE', { detail: `${id}: --yes deletes it all the same` });
  await ledger.delete(id, context.signal);
  await say(context, options, { job: id, state: 'deleted' }, `${id} is deleted\n`);
}

/** `rookery jobs retry`. */
export async function retryJob(
  parent: string,
  options: JobsOptions & { job?: string },
  context: CommandContext,
): Promise<void> {
  const id = parseFlag('--job', jobName, options.job);
  await using opened = await openLedger(options, context);
  const { config, ledger } = opened;
  const { signal } = context;
  const { source } = await ledger.read(parent, signal);
  await using places = await openPlaces(config, context, [
    source.bucket.startsWith('file:') ? source.bucket : `s3://${source.bucket}`,
  ]);
  const log = await context.logger({ service: 'retry', stderr: context.verbose });
  await using tracer = await tracerOf(config, { service: 'retry', log });
  await using feeding = await startFeeding(config, ledger, { feed: true, tracer, log });
  const common = { ledger, open: (name: string) => places.buckets.open(name), signal };
  const { job, sealed } = await inSpan(tracer, 'retry job', async ({ traceparent }) => {
    const made = await createRetry(parent, { ...common, id, traceparent });
    return finishPlanning(made.job, { ...common, tracer, feeder: feeding.feeder });
  });
  await say(context, options, { job: job.id, parent, ...sealed }, `${job.id}\n`);
  await feeding.feeder?.fed(job.id, signal);
}

/** `rookery jobs reconcile`. It also enqueues what was not enqueued yet, where nobody else does. */
export async function reconcileOne(id: string, options: JobsOptions, context: CommandContext): Promise<void> {
  await using opened = await openLedger(options, context);
  const { config, ledger } = opened;
  const { signal } = context;
  const log = await context.logger({ service: 'reconcile', stderr: context.verbose });
  await using tracer = await tracerOf(config, { service: 'reconcile', log });
  await using queues = await openQueuesOf(config, { log });
  const tasks = await inSpan(tracer, 'reconcile job', async (span) => {
    const sent = await reconcileJob(id, { ledger, queue: queues.jobs, tracer, traceparent: span.traceparent, signal });
    span.set({ 'rookery.job': id, 'rookery.tasks': sent });
    return sent;
  });
  await say(context, options, { job: id, tasks }, `${tasks} tasks enqueued again\n`);
  // A job that is not sealed is still being planned: by its producer, or by `rookery enqueue --job`.
  if (!(await ledger.findSealed(id, signal))) return;
  await using feeder = new Feeder({ ledger, queue: queues.jobs, window: config.producer.window, log });
  feeder.start();
  await feeder.fed(id, signal);
}

async function say(context: CommandContext, { json }: JobsOptions, object: object, text: string): Promise<void> {
  await context.stdout.write(json ? `${JSON.stringify(object)}\n` : text);
}
