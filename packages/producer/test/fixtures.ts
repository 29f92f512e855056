import { pathToFileURL } from 'node:url';
import { digestOf, jobLayout, type ResultLine, type Task, type TaskItem } from '@rookery/contracts';
import { type JobLedger, mergeLines, modelOf, workOf } from '@rookery/jobs';
import { openQueue, type TaskQueue } from '@rookery/queue';
import { FsStore, type ObjectStore } from '@rookery/storage';
import { aPin, tempFolder } from '../../jobs/test/fixtures.ts';
import type { JobRequest } from '../src/index.ts';

export { aPin, tempFolder };

/** A folder of pictures as a bucket, and how tasks name it. */
export async function aBucket(
  keys: readonly string[] = [],
): Promise<{ bucket: string; folder: string; store: FsStore }> {
  const folder = await tempFolder();
  const store = new FsStore(folder, { sync: false });
  for (const key of keys) await store.put(key, `picture ${key}`);
  return { bucket: pathToFileURL(folder).href, folder, store };
}

export const aMemoryQueue = (name = 'test-jobs'): Promise<TaskQueue> =>
  openQueue({ kind: 'memory', name, leaseMs: 30_000 });

export const aRequest = (bucket: string, more: Partial<JobRequest> = {}): JobRequest => ({
  id: 'a-job',
  source: { kind: 'prefix', bucket, prefix: '', filter: {} },
  pin: aPin,
  top: 1,
  ...more,
});

/** The line that depends on the bytes and nothing else, as a model's would. */
async function look(pictures: ObjectStore, item: TaskItem, model: ResultLine['model']): Promise<ResultLine> {
  const { body, etag } = await pictures.get(item.key);
  const label = digestOf(body).slice(7, 15);
  const predictions = [{ label, index: 0, score: 0.5 }];
  return { key: item.key, etag, size: body.byteLength, width: 1, height: 1, model, predictions };
}

/** Does what is enqueued, as a worker does it, but for the model. Resolves to the tasks done. */
export async function work(queue: TaskQueue, ledger: JobLedger, pictures: ObjectStore): Promise<Task[]> {
  const done: Task[] = [];
  for (;;) {
    const deliveries = await queue.receive(10, { waitMs: 0 });
    if (deliveries.length === 0) return done;
    for (const { task, ack } of deliveries) {
      if (task instanceof Error || task.job === undefined || task.seq === undefined)
        throw new Error('not a task of a job');
      const job = await ledger.read(task.job);
      const file = await ledger.readTask(job.id, task.seq);
      const lines: ResultLine[] = [];
      for (const item of task.items ?? workOf(file)) lines.push(await look(pictures, item, modelOf(job)));
      await ledger.writeResult(job.id, task.seq, mergeLines(file, lines));
      await ack();
      done.push(task);
    }
  }
}

/** Keys of all tasks of a job, in order; checks that nothing contradicts `sealed.json`. */
export async function plannedKeys(ledger: JobLedger, job: string): Promise<string[]> {
  const sealed = await ledger.findSealed(job);
  if (!sealed) throw new Error(`${job} is not sealed`);
  const keys: string[] = [];
  const { taskSize } = await ledger.read(job);
  for (let seq = 0; seq < sealed.tasks; seq++) {
    const { items, resume } = await ledger.readTask(job, seq);
    keys.push(...items.map(({ key }) => key));
    if (seq < sealed.tasks - 1 && items.length !== taskSize) throw new Error(`task ${seq} is not full`);
    if (resume.taken !== keys.length) throw new Error(`task ${seq} counts ${resume.taken} instead of ${keys.length}`);
  }
  if (await ledger.findTask(job, sealed.tasks)) throw new Error('a task lies behind the last');
  if (sealed.pictures !== keys.length) throw new Error(`${sealed.pictures} pictures sealed, ${keys.length} planned`);
  return keys;
}

/** All results of a job, as bytes. */
export async function resultBytes(ledger: JobLedger, job: string, tasks: number): Promise<string> {
  let text = '';
  for (let seq = 0; seq < tasks; seq++)
    text += Buffer.from((await ledger.store.get(jobLayout(job).result(seq))).body).toString();
  return text;
}
