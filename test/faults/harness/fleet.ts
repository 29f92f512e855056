import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { JobLedger, JobWatch } from '@rookery/jobs';
import type { TaskQueue } from '@rookery/queue';
import type { ObjectStore } from '@rookery/storage';
import { type TemporaryFolder, temporaryFolder } from '../../services/index.ts';
import { folderIn, leaseMs, type QueuePlace, type StorePlace } from './backends.ts';
import type { Fault } from './fault.ts';
import { processesWith } from './processes.ts';
import { type Ended, RookeryProcess } from './rookery-process.ts';
import { until } from './until.ts';

export interface FleetOptions {
  readonly queue: QueuePlace;
  readonly pictures: StorePlace;
  /** Rookery's own; a folder of the fleet's by default. */
  readonly store?: StorePlace | undefined;
  /** For all of its processes. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

export interface StartOptions {
  readonly fault?: Fault | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly entry?: string | undefined;
}

/** Real processes of the command around one queue and one store. What they leave behind can be asked for. */
export class Fleet implements AsyncDisposable {
  readonly options: FleetOptions;
  readonly folder: string;
  readonly place: StorePlace;
  readonly store: ObjectStore;
  readonly ledger: JobLedger;
  readonly #temporary: TemporaryFolder;
  #processes: RookeryProcess[] = [];
  readonly #watches = new Map<string, Promise<{ readonly watch: JobWatch; readonly done: number }>>();
  /** Stands in the environment of everything that was started, and of what that starts. */
  readonly #mark = randomUUID();

  private constructor(options: FleetOptions, temporary: TemporaryFolder, place: StorePlace, store: ObjectStore) {
    this.options = options;
    this.folder = temporary.path;
    this.place = place;
    this.store = store;
    this.ledger = new JobLedger(store);
    this.#temporary = temporary;
  }

  static async open(options: FleetOptions): Promise<Fleet> {
    const temporary = temporaryFolder('faults');
    const place = options.store ?? folderIn(temporary.path, 'store');
    const fleet = new Fleet(options, temporary, place, await place.open());
    await mkdir(join(fleet.folder, 'home'));
    // Made where that is possible: the command does not.
    await using _queues = await fleet.queues();
    return fleet;
  }

  get env(): Readonly<Record<string, string>> {
    const { queue, pictures, env } = this.options;
    return {
      HOME: join(this.folder, 'home'),
      ROOKERY_FAULTS_MARK: this.#mark,
      ROOKERY_QUEUE: queue.address,
      ROOKERY_QUEUE_NAME: queue.name,
      ROOKERY_STORE: this.place.location,
      ROOKERY_SOURCES: pictures.bucket.startsWith('file:') ? pictures.bucket : `s3://${pictures.bucket}`,
      ROOKERY_LEASE: `${leaseMs}ms`,
      ROOKERY_LEASE_AHEAD: '64',
      ROOKERY_MODELS: join(this.folder, 'models'),
      ROOKERY_MODEL: 'content',
      ROOKERY_TOP: '2',
      ROOKERY_THREADS: '1',
      ROOKERY_BATCH: '8',
      ...queue.env,
      ...pictures.env,
      ...this.place.env,
      ...env,
    };
  }

  /** Both queues, as the test sees them. */
  async queues(): Promise<{ readonly events: TaskQueue; readonly jobs: TaskQueue } & AsyncDisposable> {
    const { queue } = this.options;
    const events = await queue.open(`${queue.name}-events`);
    const jobs = await queue.open(`${queue.name}-jobs`);
    return {
      events,
      jobs,
      async [Symbol.asyncDispose]() {
        await Promise.all([events[Symbol.asyncDispose](), jobs[Symbol.asyncDispose]()]);
      },
    };
  }

  /** Starts `rookery ...` (or another program). */
  start(argv: readonly string[], { fault, env, entry }: StartOptions = {}): RookeryProcess {
    const process = new RookeryProcess(argv, { cwd: this.folder, env: { ...this.env, ...env }, fault, entry });
    // Of those that have ended the last ones tell enough.
    const ended = this.#processes.filter(({ hasEnded }) => hasEnded).slice(-10);
    this.#processes = [...ended, ...this.#processes.filter(({ hasEnded }) => !hasEnded), process];
    return process;
  }

  /** Runs `rookery ...` to its end. Rejects with what it said where it does not exit 0. */
  async run(argv: readonly string[], options: StartOptions = {}): Promise<string> {
    const process = this.start(argv, options);
    const { code, signal } = await process.ended;
    if (code !== 0) throw new Error(`rookery ${argv.join(' ')} ended with ${signal ?? code}:\n${process.stderr}`);
    return process.stdout;
  }

  /** Makes a job of all pictures and enqueues it. */
  async enqueue(job: string, more: readonly string[] = ['--task-size', '16'], options: StartOptions = {}) {
    const { location } = this.options.pictures;
    await this.run(['enqueue', location, '--job', job, ...more], options);
  }

  /** Starts a worker. */
  worker(options: StartOptions = {}): RookeryProcess {
    return this.start(['worker'], options);
  }

  /** Starts a worker and waits until its model is warm. */
  async warmWorker(options: StartOptions = {}): Promise<RookeryProcess> {
    const worker = this.worker(options);
    await worker.says('model is warm');
    return worker;
  }

  /** How many tasks of a job have their result. */
  async done(job: string): Promise<number> {
    const known = this.#watches.get(job) ?? JobWatch.open(this.ledger, job).then((watch) => ({ watch, done: 0 }));
    // One look at a time, whoever asks.
    const looked = known.then(async ({ watch }) => ({ watch, done: (await watch.look()).tasks.done }));
    this.#watches.set(
      job,
      looked.catch(() => known),
    );
    return (await looked).done;
  }

  /** Until so many tasks of a job have their result; all of them by default. Rejects where none comes for `hangsMs`. */
  async untilDone(job: string, tasks?: number, hangsMs = 120_000): Promise<void> {
    for (let seen = -1; ; ) {
      const wanted = tasks ?? (await this.ledger.findSealed(job))?.tasks;
      const now = await until(`a task of ${job} is done`, () => this.#more(job, seen, wanted), {
        ceilingMs: hangsMs,
        seen: () => `${seen} of ${wanted} done\n${this.said()}`,
      });
      if (wanted !== undefined && now >= wanted) return;
      seen = now;
    }
  }

  async #more(job: string, seen: number, wanted: number | undefined): Promise<number | undefined> {
    if (seen < 0 && !(await this.ledger.find(job))) return undefined;
    const now = await this.done(job);
    return now > seen || (wanted !== undefined && now >= wanted) ? now : undefined;
  }

  /** Ends what still runs as a supervisor would, and resolves to how it ended. */
  async stop(): Promise<Ended[]> {
    const running = this.#processes.filter(({ hasEnded }) => !hasEnded);
    for (const process of running) process.signal('SIGTERM');
    return Promise.all(running.map(({ ended }) => ended));
  }

  /** Processes of the fleet and what they have started that are still there, by their command lines. */
  processes(): Promise<string[]> {
    return processesWith(`ROOKERY_FAULTS_MARK=${this.#mark}`);
  }

  /** The end of what each process wrote to its standard error, for whoever has to find out why. */
  said(): string {
    return this.#processes
      .map(({ name, child, stderr }) => `--- ${name} (${child.pid}): ${stderr.slice(-1_500)}`)
      .join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.filter(({ hasEnded }) => !hasEnded).map((process) => process.kill()));
    await this.store[Symbol.asyncDispose]();
    this.#temporary[Symbol.dispose]();
  }
}
