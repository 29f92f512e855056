import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { asRookeryError, maxItemsPerTask, RookeryError, type WorkerBeat } from '@rookery/contracts';
import type { TaskQueue } from '@rookery/queue';
import type { Logger } from '@rookery/telemetry';
import { type Leased, LeaseSource } from './lease/lease-source.ts';
import { LeaseWindow } from './lease/lease-window.ts';
import type { WorkerEvents } from './report/worker-metrics.ts';
import type { StoreGuard } from './store-guard.ts';
import type { TaskHandler } from './task/task-handler.ts';
import type { StopOptions, Worker } from './worker-options.ts';

export interface RunningWorkerOptions {
  readonly queues: { readonly events: TaskQueue; readonly jobs: TaskQueue };
  readonly handler: TaskHandler;
  /** While one of them says that the store is down nothing is leased. */
  readonly guards: readonly StoreGuard[];
  readonly leaseAhead: number;
  readonly log: Logger;
  readonly tell: WorkerEvents;
  readonly warm: (signal: AbortSignal) => Promise<void>;
  readonly onBusy: (busy: boolean) => void;
  readonly healthUrl: () => string | undefined;
  readonly look: () => void;
  readonly sign: () => WorkerBeat;
  readonly close: () => Promise<void>;
}

interface Running {
  begun: boolean;
  readonly giveBack: AbortController;
  readonly settled: Promise<void>;
}

/** Tasks leased in one go, however small they are. */
const tasksAtOnce = 64;

/** The loop that keeps the window of leases full, and its end. */
export class RunningWorker implements Worker {
  readonly whenReady: Promise<void>;
  readonly done: Promise<void>;
  readonly #options: RunningWorkerOptions;
  readonly #leasing = new AbortController();
  readonly #source: LeaseSource;
  readonly #window: LeaseWindow;
  readonly #running = new Set<Running>();
  /** Pictures a task, as seen lately; a whole window before anything was seen, so that the first lease is one task. */
  readonly #taskSize: { events: number; jobs: number };
  #ready = false;
  #stopping: Promise<void> | undefined;

  constructor(options: RunningWorkerOptions) {
    this.#options = options;
    this.#window = new LeaseWindow(options.leaseAhead);
    this.#taskSize = { events: options.leaseAhead, jobs: options.leaseAhead };
    const { queues, log, tell } = options;
    this.#source = new LeaseSource({ queues, log, onLost: tell.leaseLost, signal: this.#leasing.signal });
    this.whenReady = options.warm(this.#leasing.signal).then(() => {
      this.#ready = true;
    });
    this.done = this.#run().finally(() => this.#close());
    // Whoever waits for one need not wait for the other.
    this.whenReady.catch(() => undefined);
    this.done.catch(() => undefined);
  }

  get ready(): boolean {
    return this.#ready && !this.#leasing.signal.aborted;
  }

  get inFlight(): number {
    return this.#running.size;
  }

  get leasedPictures(): number {
    return this.#window.pictures;
  }

  get healthUrl(): string | undefined {
    return this.#options.healthUrl();
  }

  get stopping(): boolean {
    return this.#leasing.signal.aborted;
  }

  look(): void {
    this.#options.look();
  }

  sign(): WorkerBeat {
    return this.#options.sign();
  }

  stop({ graceMs }: StopOptions = { graceMs: 25_000 }): Promise<void> {
    this.#stopping ??= this.#stop(graceMs);
    return this.#stopping;
  }

  async #run(): Promise<void> {
    const { signal } = this.#leasing;
    try {
      await this.whenReady;
      while (!signal.aborted) {
        await this.#window.whenRoom();
        for (const guard of this.#options.guards) await guard.whenUp();
        const room = Math.max(1, this.#window.room);
        const leased = await this.#source.take({
          events: Math.min(tasksAtOnce, Math.ceil(room / this.#taskSize.events)),
          jobs: Math.min(tasksAtOnce, Math.ceil(room / this.#taskSize.jobs)),
        });
        for (const one of leased) this.#start(one);
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    } finally {
      this.#leasing.abort();
      await Promise.all([this.#source.drain(), ...[...this.#running].map(({ settled }) => settled)]);
    }
  }

  #start(leased: Leased): void {
    const { task, sentAt, attempt } = leased.delivery;
    const { handler, tell, onBusy } = this.#options;
    const startedAt = performance.now();
    // Until it is known: the most there can be.
    let left = task instanceof RookeryError ? 1 : (task.items?.length ?? maxItemsPerTask);
    this.#window.lease(left);
    const giveBack = new AbortController();
    setMaxListeners(0, giveBack.signal);
    const progress = {
      expect: (pictures: number) => {
        this.#taskSize[leased.from] += (Math.max(1, pictures) - this.#taskSize[leased.from]) / 4;
        this.#window.lease(Math.max(0, pictures - left));
        this.#window.answer(Math.max(0, left - pictures));
        left = pictures;
      },
      answer: () => {
        if (left === 0) return;
        left -= 1;
        this.#window.answer(1);
      },
      begun: () => {
        running.begun = true;
      },
    };
    const settled = handler.handle(leased, progress, giveBack.signal).then((outcome) => {
      this.#window.answer(left);
      const waitedMs = sentAt === undefined || attempt > 1 ? undefined : Date.now() - sentAt;
      tell.task(outcome, (performance.now() - startedAt) / 1000, waitedMs === undefined ? undefined : waitedMs / 1000);
      this.#running.delete(running);
      if (this.#running.size === 0) onBusy(false);
    });
    const running: Running = { begun: false, giveBack, settled };
    if (this.#running.size === 0) onBusy(true);
    this.#running.add(running);
  }

  async #stop(graceMs: number): Promise<void> {
    const { log } = this.#options;
    log.info({ inFlight: this.#running.size, graceMs }, 'stopping: nothing more is leased');
    this.#leasing.abort();
    this.#window.wake();
    for (const guard of this.#options.guards) guard.wake();
    const all = [...this.#running];
    for (const { begun, giveBack } of all) if (!begun) giveBack.abort();
    const finished = new AbortController();
    const grace = sleep(graceMs, undefined, { signal: finished.signal }).catch(() => undefined);
    await Promise.race([Promise.all(all.map(({ settled }) => settled)), grace]);
    finished.abort();
    const late = [...this.#running];
    if (late.length > 0) log.warn({ tasks: late.length }, 'the grace period is over: handing back what is left');
    for (const { giveBack } of late) giveBack.abort();
    await this.done.catch((thrown: unknown) => log.error({ err: asRookeryError(thrown) }, 'the worker broke'));
    log.info({}, 'stopped');
  }

  async #close(): Promise<void> {
    this.#source[Symbol.dispose]();
    await this.#options.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop({ graceMs: 0 });
  }
}
