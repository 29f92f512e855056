import { asRookeryError, type Job, type TaskFile } from '@rookery/contracts';
import {
  endFeeding,
  findFeeding,
  type JobLedger,
  JobWatch,
  mapInOrder,
  mergeLines,
  putFeeding,
  taskOf,
  workOf,
} from '@rookery/jobs';
import type { TaskQueue } from '@rookery/queue';
import type { Span, Tracer } from '@rookery/telemetry';
import { sendingTo } from './sending-to.ts';

export interface FedJobOptions {
  readonly ledger: JobLedger;
  readonly queue: TaskQueue;
  readonly owner: string;
  /** Of this job's tasks, enqueued and without a result, at most. */
  readonly window: number;
  readonly onSent?: ((job: string, tasks: number) => void) | undefined;
  readonly tracer: Tracer;
}

/** Tasks sent at once. */
const perTurn = 64;
/** Task files kept in memory for a job that is planned faster than it is fed. */
const maxOffered = 256;
/** Tasks of a job that belong to the trace which asked for it; those after them begin traces of their own, linked to it. */
const tasksInTrace = 128;

/** One job whose tasks are being enqueued by this process. */
export class FedJob {
  readonly #offered = new Map<number, TaskFile>();
  #watch: JobWatch | undefined;
  #lookedAtUpTo = 0;
  #sealedTasks: number | undefined;
  #beat: number;

  constructor(
    readonly job: Job,
    private upTo: number,
    beat: number,
    /** Its owner before may have sent tasks that its marker does not count: those of the first turn are to be looked up before work. */
    private recheck: boolean,
    private readonly options: FedJobOptions,
  ) {
    this.#beat = beat;
  }

  get fedUpTo(): number {
    return this.upTo;
  }

  /** Task files that the planner has just written: they need not be read again. */
  offer(files: readonly TaskFile[]): void {
    for (const file of files) {
      if (this.#offered.size >= maxOffered) return;
      if (file.seq >= this.upTo) this.#offered.set(file.seq, file);
    }
  }

  /** Everything was enqueued. */
  get isFed(): boolean {
    return this.#sealedTasks !== undefined && this.upTo >= this.#sealedTasks;
  }

  /**
   * Sends the next tasks, at most `room` messages and as many as this job's window has place for. Resolves to their number; `cancelled`
   * where nobody wants them any more.
   */
  async turn(room: number, signal: AbortSignal): Promise<number | 'cancelled'> {
    const { ledger, onSent } = this.options;
    const { id } = this.job;
    if (await ledger.isCancelled(id)) return 'cancelled';
    this.#sealedTasks ??= (await ledger.findSealed(id, signal))?.tasks;
    const place = Math.min(perTurn, room, await this.#place(signal));
    const files = place > 0 ? await this.#next(place, signal) : [];
    const work: TaskFile[] = [];
    for (const file of files) {
      if (workOf(file).length > 0) work.push(file);
      // The planner writes it; it may have died before.
      else await ledger.writeResult(id, file.seq, mergeLines(file, []), signal);
    }
    if (work.length > 0) await this.#send(work, this.recheck, signal);
    this.upTo += files.length;
    this.recheck &&= files.length === 0;
    for (const { seq } of files) this.#offered.delete(seq);
    if (work.length > 0) onSent?.(id, work.length);
    return work.length;
  }

  /** How many of the tasks that were enqueued have no result. */
  async undone(signal: AbortSignal): Promise<number> {
    await this.#look(signal);
    return this.upTo - this.#lookedAtUpTo;
  }

  /** Enqueues again whatever was enqueued and has no result. Resolves to the number of tasks. */
  async resend(signal: AbortSignal): Promise<number> {
    const { ledger } = this.options;
    const watch = await this.#look(signal);
    const missing = Array.from({ length: this.upTo }, (_, seq) => seq).filter((seq) => !watch.isDone(seq));
    const batch: TaskFile[] = [];
    for await (const file of mapInOrder(missing, 8, (seq) => ledger.readTask(this.job.id, seq, signal))) {
      batch.push(file);
      if (batch.length >= perTurn) await this.#send(batch.splice(0), true, signal);
    }
    if (batch.length > 0) await this.#send(batch, true, signal);
    return missing.length;
  }

  async #send(files: readonly TaskFile[], recheck: boolean, signal: AbortSignal): Promise<void> {
    const { queue } = this.options;
    const span = this.#spanOf(files);
    const { traceparent } = span;
    try {
      await queue.send(
        files.map((file) => taskOf(this.job, file, { recheck, traceparent })),
        signal,
      );
    } catch (thrown) {
      span.fail(asRookeryError(thrown).code);
      throw thrown;
    } finally {
      span.end();
    }
  }

  /** A job of a million pictures would be a trace that nobody can open: what is far behind its beginning is a trace of its own. */
  #spanOf(files: readonly TaskFile[]): Span {
    const { queue, tracer } = this.options;
    const { traceparent, id } = this.job;
    const inTrace = (files[0]?.seq ?? 0) < tasksInTrace;
    return tracer.start(`send ${queue.name}`, {
      kind: 'producer',
      ...(inTrace ? { parent: traceparent } : { link: traceparent }),
      attributes: { ...sendingTo(queue.name, files.length), 'rookery.job': id, 'rookery.task': files[0]?.seq },
    });
  }

  /** Tells others that this job is taken care of, and how far it is. */
  async mark(signal: AbortSignal): Promise<void> {
    const { ledger, owner } = this.options;
    await putFeeding(ledger.store, this.job.id, { upTo: this.upTo, owner, beat: ++this.#beat }, { signal });
  }

  async release(): Promise<void> {
    const { store } = this.options.ledger;
    if (await findFeeding(store, this.job.id))
      await putFeeding(store, this.job.id, { upTo: this.upTo, owner: '', beat: ++this.#beat });
  }

  /** There is nothing left to enqueue. */
  end(signal: AbortSignal): Promise<void> {
    return endFeeding(this.options.ledger.store, this.job.id, signal);
  }

  /** How many more of its tasks may be enqueued. Results are looked at only once the window may be full, and again when half of it may be done. */
  async #place(signal: AbortSignal): Promise<number> {
    const { window } = this.options;
    if (this.upTo - this.#lookedAtUpTo < window) return window - (this.upTo - this.#lookedAtUpTo);
    return Math.max(0, window - (await this.undone(signal)));
  }

  async #look(signal: AbortSignal): Promise<JobWatch> {
    this.#watch ??= await JobWatch.open(this.options.ledger, this.job.id);
    await this.#watch.look(signal);
    this.#lookedAtUpTo = this.#watch.doneBelow(this.upTo);
    return this.#watch;
  }

  /** The next task files, in order, as far as they are there. */
  async #next(count: number, signal: AbortSignal): Promise<TaskFile[]> {
    const end = Math.min(this.upTo + count, this.#sealedTasks ?? Number.POSITIVE_INFINITY);
    const seqs = Array.from({ length: Math.max(0, end - this.upTo) }, (_, index) => this.upTo + index);
    const files: TaskFile[] = [];
    const read = (seq: number) =>
      this.#offered.has(seq)
        ? Promise.resolve(this.#offered.get(seq))
        : this.options.ledger.findTask(this.job.id, seq, signal);
    for await (const file of mapInOrder(seqs, 8, read)) {
      if (!file) break;
      files.push(file);
    }
    return files;
  }
}
