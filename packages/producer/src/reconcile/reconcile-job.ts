import { jobLayout, RookeryError, type TaskFile } from '@rookery/contracts';
import { findFeeding, type JobLedger, mapInOrder, mergeLines, missingTasks, taskOf, workOf } from '@rookery/jobs';
import type { TaskQueue } from '@rookery/queue';
import { type TraceOptions, tracedSends } from './traced-sends.ts';

export interface ReconcileJobOptions extends TraceOptions {
  readonly ledger: JobLedger;
  /** `<name>-jobs`. */
  readonly queue: TaskQueue;
  readonly signal?: AbortSignal | undefined;
}

const perSend = 64;

/**
 * Enqueues again every task of a job that was enqueued and has no result: what is left after a queue was lost. Workers look for the
 * result before they work on such a task, so that it may run while the job runs. Tasks that were never enqueued are left to the feeder.
 * Resolves to the number of tasks sent. @throws {RookeryError} JOB_NOT_FOUND, JOB_CANCELLED
 */
export async function reconcileJob(id: string, options: ReconcileJobOptions): Promise<number> {
  const { ledger, queue, signal } = options;
  const job = await ledger.read(id, signal);
  if (await ledger.store.head(jobLayout(id).cancelled, signal)) throw new RookeryError('JOB_CANCELLED', { detail: id });
  if (await ledger.findSummary(id, signal)) return 0;
  const feeding = await findFeeding(ledger.store, id, signal);
  const missing = await missingTasks(ledger, id, { below: feeding?.upTo, signal });
  const send = tracedSends(queue, options);
  let batch: TaskFile[] = [];
  let sent = 0;
  const flush = async () => {
    const files = batch;
    batch = [];
    if (files.length === 0) return;
    sent += await send((traceparent) => files.map((file) => taskOf(job, file, { recheck: true, traceparent })), signal);
  };
  for await (const file of mapInOrder(missing, 16, (seq) => ledger.readTask(id, seq, signal))) {
    if (workOf(file).length === 0) await ledger.writeResult(id, file.seq, mergeLines(file, []), signal);
    else batch.push(file);
    if (batch.length >= perSend) await flush();
  }
  await flush();
  return sent;
}
