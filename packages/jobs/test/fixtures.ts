import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ErrorCode, errorLine, type Job, type ResultLine, type TaskFile, type TaskItem } from '@rookery/contracts';
import { FsStore, type ObjectInfo, type ObjectStore } from '@rookery/storage';
import { onTestFinished } from 'vitest';
import { aPin } from '../../contracts/test/a-pin.ts';
import { type JobLedger, modelOf } from '../src/index.ts';

export { aPin };

export const aJob = (more: Partial<Job> = {}): Job => ({
  v: 1,
  id: 'a-job',
  createdAt: '2026-11-24T12:00:00.000Z',
  source: { kind: 'prefix', bucket: 'pictures', prefix: '', filter: {} },
  pin: aPin,
  top: 2,
  taskSize: 2,
  ...more,
});

export const aLine = (job: Job, item: TaskItem, label = 'robin'): ResultLine => ({
  key: item.key,
  etag: item.etag ?? null,
  size: 100,
  width: 10,
  height: 10,
  model: modelOf(job),
  predictions: [
    { label, index: 1, score: 0.75 },
    { label: 'other', index: 2, score: 0.25 },
  ],
});

export const aFailedLine = (job: Job, item: TaskItem, code: ErrorCode): ResultLine =>
  errorLine({ key: item.key, etag: item.etag ?? null, size: 100 }, modelOf(job), code);

export const aTaskFile = (seq: number, keys: readonly string[], taskSize = keys.length): TaskFile => ({
  v: 1,
  seq,
  items: keys.map((key) => ({ key, etag: `etag-${key}` })),
  resume: { afterKey: keys.at(-1) ?? '', taken: seq * taskSize + keys.length },
});

/** A job of `tasks` full tasks, planned and sealed. */
export async function aPlannedJob(ledger: JobLedger, tasks: number, more: Partial<Job> = {}): Promise<Job> {
  const { job } = await ledger.create(aJob(more));
  const files = Array.from({ length: tasks }, (_, seq) =>
    aTaskFile(
      seq,
      Array.from({ length: job.taskSize }, (_, at) => `${String(seq * job.taskSize + at).padStart(8, '0')}.jpg`),
    ),
  );
  for (const file of files) await ledger.putTask(job.id, file);
  await ledger.seal(job.id, { tasks, pictures: tasks * job.taskSize });
  return job;
}

/** What a worker does to a task, but for looking at the pictures. */
export async function doTask(ledger: JobLedger, job: Job, seq: number, label?: string): Promise<void> {
  const { items } = await ledger.readTask(job.id, seq);
  await ledger.writeResult(
    job.id,
    seq,
    items.map((item) => item.line ?? aLine(job, item, label)),
  );
}

export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rookery-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export const tempStore = async (): Promise<ObjectStore> => new FsStore(await tempFolder(), { sync: false });

export interface CountingStore extends ObjectStore {
  readonly requests: Record<'get' | 'read' | 'put' | 'write' | 'head' | 'delete' | 'list', number>;
  readonly keysRead: string[];
}

/** Counts what goes to a store; a listing counts its pages. */
export function counting(store: ObjectStore): CountingStore {
  const requests = { get: 0, read: 0, put: 0, write: 0, head: 0, delete: 0, list: 0 };
  const keysRead: string[] = [];
  return {
    location: store.location,
    requests,
    keysRead,
    get: (key, options) => {
      requests.get++;
      keysRead.push(key);
      return store.get(key, options);
    },
    read: (key, options) => {
      requests.read++;
      keysRead.push(key);
      return store.read(key, options);
    },
    put: (key, body, options) => {
      requests.put++;
      return store.put(key, body, options);
    },
    write: (key, chunks, options) => {
      requests.write++;
      return store.write(key, chunks, options);
    },
    head: (key, signal) => {
      requests.head++;
      return store.head(key, signal);
    },
    delete: (keys, signal) => {
      requests.delete++;
      return store.delete(keys, signal);
    },
    async *list(prefix, options): AsyncGenerator<readonly ObjectInfo[]> {
      requests.list++;
      let pages = 0;
      for await (const page of store.list(prefix, options)) {
        if (pages++ > 0) requests.list++;
        yield page;
      }
    },
    presign: (method, key, options) => store.presign(method, key, options),
    tag: (key, tags, signal) => store.tag(key, tags, signal),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
