import { JobLedger, taskOf } from '../../../packages/jobs/dist/index.js';

/** A job of these pictures, in the store and in order; its tasks are sent by what it gives. */
export async function prepareJob({ store, queue }, { id, bucket, keys, pin, taskSize }) {
  const ledger = new JobLedger(store);
  const source = { kind: 'prefix', bucket, prefix: '', filter: {} };
  const job = { v: 1, id, createdAt: new Date().toISOString(), source, pin, top: 3, taskSize };
  await ledger.create(job);
  const files = [];
  for (let from = 0; from < keys.length; from += taskSize) {
    const items = keys.slice(from, from + taskSize).map((key) => ({ key }));
    files.push({ v: 1, seq: files.length, items, resume: { taken: from } });
  }
  for (const file of files) await ledger.putTask(id, file);
  await ledger.seal(id, { tasks: files.length, pictures: keys.length });
  return { tasks: files.length, send: () => queue.send(files.map((file) => taskOf(job, file))) };
}
