import { asRookeryError, errorLine, pinDigest, RookeryError, type Task } from '@rookery/contracts';
import type { Logger, Tracer } from '@rookery/telemetry';
import type { Suspects } from '../isolation/suspects.ts';
import type { Leased } from '../lease/lease-source.ts';
import type { Bucket } from '../picture/fetcher.ts';
import type { TaskOutcome, WorkerEvents } from '../report/worker-metrics.ts';
import type { EventWorks } from './event-work.ts';
import { isJobTask, type JobWorks } from './job-work.ts';
import { fateOf } from './task-fate.ts';
import type { Progress, TaskInWork, TaskLabeller } from './task-labeller.ts';
import { type TaskTrace, traceTask } from './task-trace.ts';

export interface TaskHandlerOptions {
  readonly jobs: JobWorks;
  readonly events: EventWorks;
  /** @throws {RookeryError} BUCKET_REFUSED */
  readonly bucket: (name: string) => Bucket;
  readonly labeller: TaskLabeller;
  readonly isolateFromAttempt: number;
  readonly suspects: Suspects | undefined;
  /** Their names. */
  readonly queues: { readonly events: string; readonly jobs: string };
  readonly tracer: Tracer;
  readonly log: Logger;
  readonly tell: WorkerEvents;
}

/** Takes one task from its lease to its end: done, given back or buried. Never throws. */
export class TaskHandler {
  readonly #options: TaskHandlerOptions;

  constructor(options: TaskHandlerOptions) {
    this.#options = options;
  }

  async handle(leased: Leased, progress: Progress, signal: AbortSignal): Promise<TaskOutcome> {
    const { tracer, log, queues } = this.#options;
    const trace = traceTask(leased, { tracer, log, queue: queues[leased.from] });
    const { span } = trace;
    try {
      const outcome = await this.#toItsEnd(leased, trace, progress, signal);
      span.set({ 'rookery.outcome': outcome });
      return outcome;
    } finally {
      trace.stages?.tell(span);
      span.end();
      leased.free();
    }
  }

  async #toItsEnd(leased: Leased, trace: TaskTrace, progress: Progress, signal: AbortSignal): Promise<TaskOutcome> {
    const { delivery } = leased;
    try {
      if (delivery.task instanceof RookeryError) throw delivery.task;
      const outcome = await this.#work({ ...leased, task: delivery.task, trace }, progress, signal);
      await this.#settle(() => delivery.ack(), trace);
      return outcome;
    } catch (thrown) {
      return this.#giveUp(leased, asRookeryError(thrown), trace, signal);
    }
  }

  async #work(one: TaskInWork, progress: Progress, signal: AbortSignal): Promise<TaskOutcome> {
    const { task, trace } = one;
    const { attempt } = one.delivery;
    const { jobs, events, suspects } = this.#options;
    const suspected = suspects?.isSuspect(task) === true;
    const mayBeDone = attempt > 1 || task.recheck === true || suspected;
    if (isJobTask(task)) {
      if (!(await jobs.isWanted(task, signal))) return 'skipped';
      await jobs.check(task, signal);
    }
    const bucket = await this.#bucket(task, signal);
    const work = isJobTask(task)
      ? await jobs.open(task, mayBeDone, signal)
      : await events.open(task, bucket, mayBeDone, signal);
    if (work === undefined) return 'skipped';
    progress.expect(work.items.length);
    trace.span.set({ 'rookery.pictures': work.items.length });
    const end = await suspects?.begin(task);
    let done = false;
    try {
      const isolated = suspected || attempt >= this.#options.isolateFromAttempt;
      await this.#options.labeller.label(one, { work, bucket, isolated }, progress, signal);
      done = true;
      return 'done';
    } finally {
      await end?.(done);
    }
  }

  /** Whoever buries a job's task writes its result first: burial is a result too. */
  async #bucket(task: Task, signal: AbortSignal): Promise<Bucket> {
    try {
      return this.#options.bucket(task.bucket);
    } catch (thrown) {
      const { code } = asRookeryError(thrown);
      if (code === 'BUCKET_REFUSED' && isJobTask(task)) {
        await this.#options.jobs.refuse(
          task,
          ({ key, etag }) => errorLine({ key, etag: etag ?? null }, pinDigest(task.pin), code),
          signal,
        );
      }
      throw thrown;
    }
  }

  async #giveUp(
    { delivery }: Leased,
    error: RookeryError,
    trace: TaskTrace,
    signal: AbortSignal,
  ): Promise<TaskOutcome> {
    const { tell } = this.#options;
    const { log, span } = trace;
    if (signal.aborted) {
      await this.#settle(() => delivery.retry(0), trace);
      return 'given-back';
    }
    tell.failed(error.code);
    span.fail(error.code);
    const fate = fateOf(error, delivery);
    if (fate.is === 'dropped') {
      // The two look the same from here. The second is a mistake in the configuration that would else stall that job in silence.
      log.warn(
        'the store has no such job: it was deleted, or the queue is shared with another store; its task is dropped',
      );
      await this.#settle(() => delivery.ack(), trace);
      return 'skipped';
    }
    if (fate.is === 'buried') {
      log.error({ err: error }, 'task buried');
      await this.#settle(() => delivery.bury(error), trace);
      return 'buried';
    }
    if (error.code === 'TASK_VERSION_UNKNOWN') tell.unknownVersion();
    const { delayMs } = fate;
    const level = error.code === 'PIN_UNAVAILABLE' ? 'debug' : error.retryable ? 'warn' : 'error';
    log[level]({ err: error, attempt: delivery.attempt, delayMs }, 'task given back');
    await this.#settle(() => delivery.retry(delayMs), trace);
    return 'given-back';
  }

  /** Where settling fails the lease runs out and the task comes again; its result is found then. */
  async #settle(how: () => Promise<void>, { log }: TaskTrace): Promise<void> {
    try {
      await how();
    } catch (err) {
      log.warn({ err }, 'could not settle a task: it will be delivered again');
    }
  }
}
