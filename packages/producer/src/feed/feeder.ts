import { randomUUID } from 'node:crypto';
import { asRookeryError, type Job, pause, RookeryError, type TaskFile } from '@rookery/contracts';
import { findFeeding, type JobLedger, jobsToFeed } from '@rookery/jobs';
import type { TaskQueue } from '@rookery/queue';
import { type Logger, noTracer, type Tracer } from '@rookery/telemetry';
import { FedJob } from './fed-job.ts';
import { LossWatch } from './loss-watch.ts';

export interface FeederOptions {
  readonly ledger: JobLedger;
  /** `<name>-jobs`. */
  readonly queue: TaskQueue;
  /** Tasks enqueued and not done, of one job and of all together. The rest waits in the store. */
  readonly window?: number | undefined;
  readonly log: Logger;
  readonly tracer?: Tracer | undefined;
  /** Tasks of a job were sent. */
  readonly onSent?: ((job: string, tasks: number) => void) | undefined;
  /** A clock that does not jump. Milliseconds. */
  readonly now?: (() => number) | undefined;
}

const defaultWindow = 1_000;
const busyMs = 500;
const idleMs = 5_000;
const beatMs = 5_000;
/** An owner that has not moved for so long, by our own clock, is gone. */
const goneMs = 30_000;

/**
 * Keeps a bounded number of tasks enqueued, jobs in turn. It runs wherever a producer runs: in `rookery enqueue` while tasks are left, in
 * `rookery ingest` and `rookery up` for good. What is to be fed lies in the store (`jobs/.feeding/`), so any feeder goes on where
 * another ended. Two that feed one job for a moment send messages twice, which harms nothing.
 */
export class Feeder implements AsyncDisposable {
  readonly #id = randomUUID();
  readonly #mine = new Map<string, FedJob>();
  readonly #others = new Map<string, { beat: string; seenAt: number }>();
  readonly #offers = new Map<string, TaskFile[]>();
  readonly #abort = new AbortController();
  readonly #now: () => number;
  readonly #loss: LossWatch;
  #beatAt = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | undefined;
  #wake = (): void => {};

  constructor(private readonly options: FeederOptions) {
    this.#now = options.now ?? (() => performance.now());
    this.#loss = new LossWatch(this.#now);
  }

  /** Feeds in the background until it is disposed of. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Task files that were just planned, in order: they need not be read from the store. */
  offer(job: Job, files: readonly TaskFile[]): void {
    const fed = this.#mine.get(job.id);
    if (fed) fed.offer(files);
    else if (this.#offers.size < 16 && !this.#offers.has(job.id)) this.#offers.set(job.id, [...files]);
    this.#wake();
  }

  /** Resolves once all tasks of the job are enqueued, by whomever, or it was cancelled. */
  async fed(job: string, signal?: AbortSignal): Promise<void> {
    // A job without anything to enqueue was offered by nobody.
    this.#wake();
    while (await findFeeding(this.options.ledger.store, job, signal)) {
      signal?.throwIfAborted();
      if (this.#abort.signal.aborted) throw new RookeryError('ABORTED');
      await pause(busyMs, signal, this.#abort.signal);
    }
  }

  /** One round over all jobs, for tests and for whoever has a loop of its own. Resolves to the number of tasks sent. */
  async round(): Promise<number> {
    const { queue, window = defaultWindow } = this.options;
    const { signal } = this.#abort;
    await this.#adopt();
    const { ready, delayed, leased } = await queue.depth(signal);
    let total = 0;
    if (this.#loss.isDue) await this.#loss.look(ready + delayed + leased, this.#mine.values(), signal);
    if (this.#loss.isCertain) total += await this.#resend();
    let room = window - ready - delayed - total;
    for (let turns = [...this.#mine.values()]; turns.length > 0 && room > 0; ) {
      const again: FedJob[] = [];
      for (const fed of turns) {
        if (room <= 0) break;
        const before = fed.fedUpTo;
        const sent = await fed.turn(room, signal);
        if (sent === 'cancelled') {
          await this.#end(fed);
          continue;
        }
        room -= sent;
        total += sent;
        if (sent > 0) await fed.mark(signal);
        if (fed.fedUpTo > before) again.push(fed);
      }
      turns = again;
    }
    await this.#endFed();
    await this.#beat();
    return total;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort(new DOMException('the feeder is stopped', 'AbortError'));
    this.#wake();
    await this.#running;
    // Whoever feeds next need not wait until this one counts as gone.
    await Promise.allSettled([...this.#mine.values()].map((fed) => fed.release()));
    this.#mine.clear();
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      let waitMs = busyMs;
      try {
        const sent = await this.round();
        waitMs = sent > 0 ? 0 : this.#mine.size > 0 ? busyMs : idleMs;
      } catch (cause) {
        if (signal.aborted) return;
        this.#loss.suspect();
        this.options.log.warn({ err: asRookeryError(cause) }, 'tasks could not be enqueued; trying again');
        waitMs = idleMs;
      }
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      await pause(waitMs, signal, woken.signal);
    }
  }

  /** Ends the jobs whose tasks are all enqueued, once it is certain that none was lost on the way. */
  async #endFed(): Promise<void> {
    const fed = [...this.#mine.values()].filter((job) => job.isFed);
    if (fed.length === 0) return;
    const { ready, delayed, leased } = await this.options.queue.depth(this.#abort.signal);
    await this.#loss.look(ready + delayed + leased, this.#mine.values(), this.#abort.signal);
    if (this.#loss.isCalm) for (const job of fed) await this.#end(job);
  }

  async #end(fed: FedJob): Promise<void> {
    await fed.end(this.#abort.signal);
    this.#mine.delete(fed.job.id);
  }

  /** Tells other feeders now and then that these jobs are taken care of. */
  async #beat(): Promise<void> {
    if (this.#now() - this.#beatAt < beatMs) return;
    this.#beatAt = this.#now();
    for (const fed of [...this.#mine.values()]) {
      if (await this.options.ledger.isCancelled(fed.job.id)) await this.#end(fed);
      else await fed.mark(this.#abort.signal);
    }
  }

  async #resend(): Promise<number> {
    let total = 0;
    for (const fed of this.#mine.values()) {
      const tasks = await fed.resend(this.#abort.signal);
      if (tasks > 0) this.options.log.warn({ job: fed.job.id, tasks }, 'the queue has lost tasks: enqueued again');
      total += tasks;
    }
    this.#loss.replaced();
    return total;
  }

  /** Takes on the jobs that nobody feeds. */
  async #adopt(): Promise<void> {
    const { ledger } = this.options;
    const { signal } = this.#abort;
    const there = new Set<string>();
    for await (const id of jobsToFeed(ledger.store, signal)) {
      there.add(id);
      if (!this.#mine.has(id)) await this.#consider(id);
    }
    for (const id of this.#others.keys()) if (!there.has(id)) this.#others.delete(id);
    for (const id of this.#mine.keys()) if (!there.has(id)) this.#mine.delete(id);
  }

  async #consider(id: string): Promise<void> {
    const { ledger, queue, window = defaultWindow, onSent, tracer = noTracer } = this.options;
    const { signal } = this.#abort;
    const feeding = await findFeeding(ledger.store, id, signal);
    if (!feeding) return;
    if (feeding.owner !== '' && feeding.owner !== this.#id) {
      const beat = `${feeding.owner} ${feeding.beat}`;
      const known = this.#others.get(id);
      if (known?.beat !== beat) return void this.#others.set(id, { beat, seenAt: this.#now() });
      if (this.#now() - known.seenAt < goneMs) return;
    }
    const job = await ledger.find(id, signal);
    // Its producer has marked it and is about to make it, or died in between: then nothing was enqueued.
    if (!job) return;
    const taken = feeding.owner !== '';
    const options = { ledger, queue, owner: this.#id, window, onSent, tracer };
    const fed = new FedJob(job, feeding.upTo, feeding.beat, taken, options);
    fed.offer(this.#offers.get(id) ?? []);
    this.#offers.delete(id);
    this.#others.delete(id);
    await fed.mark(signal);
    this.#mine.set(id, fed);
  }
}
