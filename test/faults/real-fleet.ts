import { type ChildProcess, fork } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { encodeResultLine, type Job, type Pin, type Task, type TaskFile } from '@rookery/contracts';
import { openClassifier, pinOf } from '@rookery/inference';
import { JobLedger, taskOf } from '@rookery/jobs';
import { openRegistry } from '@rookery/models';
import { type DeadLetter, openQueue, type TaskQueue } from '@rookery/queue';
import { type ObjectStore, openStore } from '@rookery/storage';
import sharp from 'sharp';

export interface WorkerFaults {
  /** SIGKILL when the stage is reached for so many times. */
  readonly killAt?: { readonly stage: string; readonly times: number };
  /** Digests of pictures that end the process. */
  readonly crashOver?: string;
  readonly graceMs?: number;
}

const leaseMs = 2_000;

/** Real worker processes on a real Redis, on a folder. What they wrote is compared with what an undisturbed classifier says. */
export class RealFleet implements AsyncDisposable {
  readonly #processes = new Set<ChildProcess>();

  private constructor(
    readonly folder: string,
    readonly redisUrl: string,
    readonly name: string,
    readonly store: ObjectStore,
    readonly queues: { readonly events: TaskQueue; readonly jobs: TaskQueue },
    readonly pin: Pin,
  ) {}

  static async open(redisUrl: string): Promise<RealFleet> {
    const folder = await mkdtemp(join(tmpdir(), 'rookery-faults-'));
    await mkdir(join(folder, 'pictures'));
    const name = `faults-${randomUUID().slice(0, 8)}`;
    const queue = (lane: string) => openQueue({ kind: 'bullmq', url: redisUrl, name: `${name}-${lane}`, leaseMs });
    const store = await openStore(join(folder, 'store'));
    const pin = pinOf(await openRegistry({ folder: join(folder, 'models') }).load('content'));
    return new RealFleet(
      folder,
      redisUrl,
      name,
      store,
      { events: await queue('events'), jobs: await queue('jobs') },
      pin,
    );
  }

  get ledger(): JobLedger {
    return new JobLedger(this.store);
  }

  get bucket(): string {
    return pathToFileURL(join(this.folder, 'pictures')).href;
  }

  /** Small JPEGs, each like no other. Resolves to their keys. */
  async pictures(count: number): Promise<string[]> {
    return Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const key = `${String(index).padStart(4, '0')}.jpg`;
        const background = { r: (index * 37) % 256, g: (index * 59) % 256, b: (index * 83) % 256 };
        const noise = { type: 'gaussian', mean: 60 + (index % 120), sigma: 30 } as const;
        const picture = sharp({ create: { width: 320, height: 240, channels: 3, background, noise } });
        await writeFile(join(this.folder, 'pictures', key), await picture.jpeg().toBuffer());
        return key;
      }),
    );
  }

  async digestOf(key: string): Promise<string> {
    const { body } = await (await openStore(join(this.folder, 'pictures'))).get(key);
    return createHash('sha256').update(body).digest('hex');
  }

  /** Makes a sealed job, its tasks of so many pictures, and sends them. */
  async job(id: string, keys: readonly string[], taskSize: number): Promise<Task[]> {
    const source = { kind: 'prefix', bucket: this.bucket, prefix: '', filter: {} } as const;
    const job: Job = { v: 1, id, createdAt: new Date().toISOString(), source, pin: this.pin, top: 2, taskSize };
    const files: TaskFile[] = [];
    for (let from = 0; from < keys.length; from += taskSize) {
      const items = keys.slice(from, from + taskSize).map((key) => ({ key }));
      files.push({ v: 1, seq: files.length, items, resume: { taken: from } });
    }
    await this.ledger.create(job);
    for (const file of files) await this.ledger.putTask(id, file);
    await this.ledger.seal(id, { tasks: files.length, pictures: keys.length });
    const tasks = files.map((file) => taskOf(job, file));
    await this.queues.jobs.send(tasks);
    return tasks;
  }

  /** Starts a worker process; resolves once it is ready, or has died of its faults before. */
  async worker(faults: WorkerFaults = {}): Promise<ChildProcess> {
    const { folder, redisUrl, name } = this;
    const options = JSON.stringify({ folder, redisUrl, name, leaseMs, ...faults });
    const entry = fileURLToPath(new URL('./worker-process.mjs', import.meta.url));
    const child = fork(entry, [options], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#processes.add(child);
    child.once('exit', () => this.#processes.delete(child));
    await Promise.race([once(child, 'message'), once(child, 'exit')]);
    return child;
  }

  /** All lines of a job, in order, once every task has its result. */
  async results(id: string): Promise<string> {
    const sealed = await this.ledger.findSealed(id);
    let text = '';
    for (let seq = 0; seq < (sealed?.tasks ?? 0); seq++) {
      for (;;) {
        const bytes = await this.ledger.findResult(id, seq);
        if (bytes) {
          text += Buffer.from(bytes).toString();
          break;
        }
        await sleep(50);
      }
    }
    return text;
  }

  /** Until nothing waits and nothing is leased. */
  async settled(): Promise<void> {
    for (;;) {
      const depths = await Promise.all([this.queues.events.depth(), this.queues.jobs.depth()]);
      if (depths.every(({ ready, delayed, leased }) => ready + delayed + leased === 0)) return;
      await sleep(50);
    }
  }

  dead(): Promise<readonly DeadLetter[]> {
    return this.queues.jobs.dead.list(100);
  }

  /** What an undisturbed run writes. */
  async undisturbed(keys: readonly string[]): Promise<string> {
    const model = await openRegistry({ folder: join(this.folder, 'models') }).load('content');
    await using classifier = await openClassifier(model, { tuning: 'never' });
    const pictures = await openStore(join(this.folder, 'pictures'));
    let text = '';
    for (const key of keys) {
      const { body, etag, sizeBytes } = await pictures.get(key);
      const { width, height, predictions } = await classifier.classify(body, { top: 2 });
      const line = {
        key,
        etag,
        size: sizeBytes,
        width,
        height,
        model: classifier.model,
        predictions: [...predictions],
      };
      text += encodeResultLine(line);
    }
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const processes = [...this.#processes];
    await Promise.all(
      processes.map(async (child) => {
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      }),
    );
    await this.queues.events[Symbol.asyncDispose]();
    await this.queues.jobs[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const exited = async (child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return { code: child.exitCode, signal: child.signalCode };
};
