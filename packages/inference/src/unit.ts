import { Worker } from 'node:worker_threads';
import { type ExplainGraphs, RookeryError } from '@rookery/contracts';
import type { ClassifierTuning } from './classifier.ts';
import type { EarlyThread, EarlyThreads } from './early-threads.ts';
import type {
  Answer,
  DecoderData,
  DecoderRequest,
  EngineData,
  EngineRequest,
  Failure,
  GivenPicture,
  ThreadReport,
} from './messages.ts';
import { noTelemetry } from './no-telemetry.ts';
import { SilenceWatch } from './silence-watch.ts';
import { forbid, isComputing, newThreadState, waitUntilIdle } from './thread-state.ts';
import { givePicture, type ThreadOptions, threadData, type UnitStates } from './unit-threads.ts';

export interface UnitOptions extends ThreadOptions {
  readonly hangMs: number;
  readonly decoderEntry: URL;
  readonly engineEntry: URL;
  /** Threads that are running already, for this unit. */
  readonly early?: EarlyThreads | undefined;
}

/** How a picture came out. `done` is called once, when the threads hold nothing of it any more. */
export interface PictureCallbacks {
  answered(answer: Answer): void;
  failed(error: RookeryError): void;
  done(): void;
}

/** A model that is loaded gives no sign for that long where much is compiled for a device. */
const loadPatienceMs = 180_000;
/** How long `stop` waits for decodes in progress. */
const stopPatienceMs = 10_000;

/**
 * The two threads of one device: one decodes and resizes, one infers. If either dies or hangs the unit is over: what it had is failed
 * with ENGINE_FAILED, `over` is called, and nothing is given to it any more.
 */
export class Unit {
  readonly ready: Promise<ClassifierTuning>;
  readonly #pictures = new Map<number, PictureCallbacks>();
  readonly #decoder: Worker;
  readonly #threads: readonly [decoder: Worker, engine: Worker];
  readonly #states: UnitStates;
  readonly #exited: Promise<unknown>;
  readonly #watch: SilenceWatch;
  #settleReady!: { resolve(tuning: ClassifierTuning): void; reject(error: RookeryError): void };
  #error: RookeryError | undefined;
  #stopped = false;
  #nextId = 0;
  #decoderReady = false;
  #tuning: ClassifierTuning | undefined;

  constructor(
    options: UnitOptions,
    private readonly over: (error: RookeryError) => void,
  ) {
    this.ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject };
    });
    this.ready.catch(() => undefined);
    const { early } = options;
    this.#states = [early?.decoder.state ?? newThreadState(), early?.engine.state ?? newThreadState()];
    const { decoderData, engineData } = threadData(options, this.#states);
    this.#decoder = this.#start(options.decoderEntry, decoderData, early?.decoder);
    this.#threads = [this.#decoder, this.#start(options.engineEntry, engineData, early?.engine)];
    this.#exited = Promise.all(this.#threads.map((it) => new Promise((resolve) => it.once('exit', resolve))));
    this.#watch = new SilenceWatch({
      tickMs: options.hangMs / 10,
      patienceMs: () => (this.#loading ? loadPatienceMs : this.#pictures.size > 0 ? options.hangMs : undefined),
      onSilent: (patienceMs) => this.#hang(patienceMs),
    });
  }

  /** Why it is over; `undefined` while it works. */
  get error(): RookeryError | undefined {
    return this.#error;
  }

  get pending(): number {
    return this.#pictures.size;
  }

  /** @returns A function that gives the picture up: it is `done` as soon as the threads let go of it. */
  submit(picture: GivenPicture, callbacks: PictureCallbacks): () => void {
    if (this.#error) {
      callbacks.failed(this.#error);
      callbacks.done();
      return () => undefined;
    }
    const id = this.#nextId++;
    this.#pictures.set(id, callbacks);
    this.#holdProcess();
    givePicture(this.#decoder, { ...picture, id });
    return () => {
      if (this.#pictures.has(id)) this.#decoder.postMessage({ type: 'drop', id } satisfies DecoderRequest);
    };
  }

  /** What pictures are explained with: once, before the first of them. */
  explainWith(graphs: ExplainGraphs | undefined): void {
    this.#threads[1].postMessage({ type: 'explain', graphs } satisfies EngineRequest);
  }

  /** Ends both threads once they hold no native work; what is pending is failed with ABORTED. */
  async stop(): Promise<void> {
    this.#end(new RookeryError('ABORTED'));
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise((resolve) => {
      timer = setTimeout(resolve, stopPatienceMs);
    });
    await Promise.race([this.#exited, patience]);
    clearTimeout(timer);
    this.#terminateIdle();
  }

  /** For the last moments of a process: blocks until leaving it is safe. */
  stopNow(): void {
    for (const state of this.#states) forbid(state);
    for (const state of this.#states) waitUntilIdle(state, 5_000);
  }

  #start(entry: URL, workerData: DecoderData | EngineData, early: EarlyThread | undefined): Worker {
    noTelemetry();
    const transferList = [workerData.peer];
    const thread = early?.thread ?? new Worker(entry, { workerData, transferList, execArgv: [] });
    early?.thread.postMessage(workerData, transferList);
    thread.on('message', (report: ThreadReport) => this.#report(report));
    thread.on('error', (cause) => this.#end(new RookeryError('ENGINE_FAILED', { detail: 'a thread failed', cause })));
    thread.on('exit', () => this.#end(new RookeryError('ENGINE_FAILED', { detail: 'a thread ended' })));
    if (early?.failure !== undefined) {
      // Its events came before anybody listened.
      const error = new RookeryError('ENGINE_FAILED', { detail: 'a thread failed', cause: early.failure });
      queueMicrotask(() => this.#end(error));
    }
    return thread;
  }

  #report(report: ThreadReport): void {
    this.#watch.sign();
    switch (report.type) {
      case 'decoder-ready':
        this.#decoderReady = true;
        this.#becomeReady();
        break;
      case 'engine-ready':
        this.#tuning = report.tuning;
        this.#becomeReady();
        break;
      case 'answers':
        for (const answer of report.answers) this.#settle(answer.id, (picture) => picture.answered(answer));
        break;
      case 'failed':
        this.#settle(report.id, (picture) => picture.failed(failure(report.failure)));
        break;
      case 'dropped':
        this.#settle(report.id, () => undefined);
        break;
      case 'broken':
        this.#end(failure(report.failure));
        break;
    }
  }

  get #loading(): boolean {
    return !this.#decoderReady || !this.#tuning;
  }

  #becomeReady(): void {
    if (!this.#decoderReady || !this.#tuning) return;
    this.#holdProcess();
    this.#settleReady.resolve(this.#tuning);
  }

  #settle(id: number, how: (picture: PictureCallbacks) => void): void {
    const picture = this.#pictures.get(id);
    if (!picture) return;
    this.#pictures.delete(id);
    this.#holdProcess();
    how(picture);
    picture.done();
  }

  #hang(patienceMs: number): void {
    this.#end(new RookeryError('ENGINE_FAILED', { detail: `no sign from a thread for ${patienceMs} ms` }));
    this.#terminateIdle();
  }

  /** The first call decides. Threads are asked to end and, where that is safe, made to. */
  #end(error: RookeryError): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#error = error;
    this.#watch.stop();
    for (const state of this.#states) forbid(state);
    this.#settleReady.reject(error);
    for (const id of [...this.#pictures.keys()]) this.#settle(id, (picture) => picture.failed(error));
    for (const thread of this.#threads) thread.postMessage({ type: 'stop' } satisfies DecoderRequest);
    this.#holdProcess();
    this.over(error);
  }

  /** A thread that is stuck outside of native work can be ended; one that is stuck in it must be left to itself. */
  #terminateIdle(): void {
    this.#threads.forEach((thread, index) => {
      if (!isComputing(this.#states[index as 0 | 1])) void thread.terminate();
    });
  }

  /** The process stays while somebody waits for something; a classifier that is merely open does not keep it. */
  #holdProcess(): void {
    const hold = !this.#stopped && (this.#loading || this.#pictures.size > 0);
    for (const thread of this.#threads) {
      if (hold) thread.ref();
      else thread.unref();
    }
  }
}

const failure = ({ code, detail }: Failure): RookeryError => new RookeryError(code, { detail });
