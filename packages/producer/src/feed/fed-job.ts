import type { Job, Task, TaskFile } from '@rookery/contracts';
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

export interface FedJobOptions {
  readonly ledger: JobLedger;
  readonly queue: TaskQueue;
  readonly owner: string;
  /** Of this job's tasks, enqueued and without a result, at most. */
  readonly window: number;
  readonly onSent?: ((job: string, tasks: number) => void) | undefined;
}

/** Tasks sent at once. */
const perTurn = 64;
/** Task files kept in memory for a job that is planned faster than it is fed. */
const maxOffered = 256;

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
    const { ledger, queue, onSent } = this.options;
    const { id } = this.job;
    if (await ledger.isCancelled(id)) return 'cancelled';
    this.#sealedTasks ??= (await ledger.findSealed(id, signal))?.tasks;
    const place = Math.min(perTurn, room, await this.#place(signal));
    const files = place > 0 ? await this.#next(place, signal) : [];
    const tasks: Task[] = [];
    for (const file of files) {
      if (workOf(file).length > 0) tasks.push(taskOf(this.job, file, { recheck: this.recheck }));
      // The planner writes it; it may have died before.
      else await ledger.writeResult(id, file.seq, mergeLines(file, []), signal);
    }
    if (tasks.length > 0) await queue.send(tasks, signal);
    this.upTo += files.length;
    this.recheck &&= files.length === 0;
    for (const { seq } of files) this.#offered.delete(seq);
    if (tasks.length > 0) onSent?.(id, tasks.length);
    return tasks.length;
  }

  /** How many of the tasks that were enqueued have no result. */
  async undone(signal: AbortSignal): Promise<number> {
    await this.#look(signal);
    return this.upTo - this.#lookedAtUpTo;
  }

  /** Enqueues again whatever was enqueued and has no result. Resolves to the number of tasks. */
  async resend(signal: AbortSignal): Promise<number> {
    const { ledger, queue } = this.options;
    const watch = await this.#look(signal);
    const missing = Array.from({ length: this.upTo }, (_, seq) => seq).filter((seq) => !watch.isDone(seq));
    const batch: Task[] = [];
    for await (const file of mapInOrder(missing, 8, (seq) => ledger.readTask(this.job.id, seq, signal))) {
      batch.push(taskOf(this.job, file, { recheck: true }));
      if (batch.length >= perTurn) await queue.send(batch.splice(0), signal);
    }
    if (batch.length > 0) await queue.send(batch, signal);
    return missing.length;
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
