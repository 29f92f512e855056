import { jobLayout, RookeryError, type Task } from '@rookery/contracts';
import { findFeeding, type JobLedger, mapInOrder, mergeLines, missingTasks, taskOf, workOf } from '@rookery/jobs';
import type { TaskQueue } from '@rookery/queue';

export interface ReconcileJobOptions {
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
export async function reconcileJob(id: string, { ledger, queue, signal }: ReconcileJobOptions): Promise<number> {
  const job = await ledger.read(id, signal);
  if (await ledger.store.head(jobLayout(id).cancelled, signal)) throw new RookeryError('JOB_CANCELLED', { detail: id });
  if (await ledger.findSummary(id, signal)) return 0;
  const feeding = await findFeeding(ledger.store, id, signal);
  const missing = await missingTasks(ledger, id, { below: feeding?.upTo, signal });
  let batch: Task[] = [];
  let sent = 0;
  const flush = async () => {
    if (batch.length > 0) await queue.send(batch, signal);
    sent += batch.length;
    batch = [];
  };
  for await (const file of mapInOrder(missing, 16, (seq) => ledger.readTask(id, seq, signal))) {
    if (workOf(file).length === 0) await ledger.writeResult(id, file.seq, mergeLines(file, []), signal);
    else batch.push(taskOf(job, file, { recheck: true }));
    if (batch.length >= perSend) await flush();
  }
  await flush();
  return sent;
}
