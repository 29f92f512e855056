import {
  asRookeryError,
  errorCodeOf,
  errorLine,
  pinDigest,
  type ResultLine,
  RookeryError,
  type Task,
} from '@rookery/contracts';
import type { Look } from '@rookery/inference';
import type { WindowRecorder, WindowSource } from '@rookery/monitor';
import type { DeadLetters } from '@rookery/queue';
import type { Logger, Tracer } from '@rookery/telemetry';
import type { EventWorks } from './event-work.ts';
import type { Bucket } from './fetcher.ts';
import type { Isolation } from './isolation.ts';
import { isJobTask, type JobWorks } from './job-work.ts';
import type { Leased } from './lease-source.ts';
import type { ModelPool } from './model-pool.ts';
import type { PicturePipeline } from './picture-pipeline.ts';
import type { PinnedModels } from './pinned-models.ts';
import type { EventRollout } from './rollout/event-rollout.ts';
import type { Suspects } from './suspects.ts';
import type { Tagger } from './tagger.ts';
import { fateOf } from './task-fate.ts';
import { type TaskTrace, tellFailures, traceTask } from './task-trace.ts';
import type { Work } from './work.ts';
import type { TaskOutcome, WorkerEvents } from './worker-metrics.ts';

/** A picture that is overwritten all the time is labelled so often by one task; the next event goes on. */
const roundsOfChange = 20;

export interface TaskHandlerOptions {
  readonly jobs: JobWorks;
  readonly events: EventWorks;
  /** @throws {RookeryError} BUCKET_REFUSED */
  readonly bucket: (name: string) => Bucket;
  readonly models: PinnedModels;
  readonly pool: ModelPool;
  /** Of events. */
  readonly rollout: EventRollout | undefined;
  readonly pipeline: PicturePipeline;
  readonly isolation: Isolation;
  readonly isolateFromAttempt: number;
  readonly suspects: Suspects | undefined;
  /** Told of lines once they are durable. */
  readonly onLines: ((lines: readonly ResultLine[], task: Task) => void) | undefined;
  readonly monitor: WindowRecorder | undefined;
  readonly dead: { readonly events: DeadLetters; readonly jobs: DeadLetters };
  /** Their names. */
  readonly queues: { readonly events: string; readonly jobs: string };
  readonly tagger: Tagger;
  readonly tracer: Tracer;
  readonly log: Logger;
  readonly tell: WorkerEvents;
}

/** How far a task is, for the window of leases and for shutdown. */
export interface Progress {
  /** The number of pictures is known now. */
  expect(pictures: number): void;
  answer(): void;
  /** From here on the task is worth finishing. */
  begun(): void;
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
      await this.#label(one, { work, bucket, isolated }, progress, signal);
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

  async #label(
    one: TaskInWork,
    { work, bucket, isolated }: { work: Work; bucket: Bucket; isolated: boolean },
    progress: Progress,
    signal: AbortSignal,
  ): Promise<void> {
    const { tell, tagger } = this.#options;
    const { task } = one;
    const { span } = one.trace;
    const classify = isolated ? this.#isolated.bind(this) : this.#shared.bind(this);
    let items = work.items;
    for (let round = 1; items.length > 0 || round === 1; round++) {
      const onAnswer = (line: ResultLine): void => {
        tell.picture(errorCodeOf(line));
        if (round === 1) progress.answer();
      };
      const lines =
        items.length === 0 ? [] : await classify(one, { items, bucket, top: task.top, onAnswer }, progress, signal);
      if (work.tag) await tagger.tag(lines, bucket, signal);
      const startedAt = performance.now();
      items = await work.finish(lines, signal);
      const endedAt = performance.now();
      tell.written((endedAt - startedAt) / 1000);
      span.part('write', startedAt, endedAt);
      tellFailures(span, lines);
      this.#options.onLines?.(lines, task);
      this.#options.monitor?.lines(lines, sourceOf(task));
      if (round === roundsOfChange) return;
    }
  }

  async #shared(
    { delivery, task, trace }: TaskInWork,
    pictures: Pictures,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<ResultLine[]> {
    // Another worker may have the model: it is given back once before a model of ours must go for it.
    const whenFull = delivery.attempt === 1 ? 'refuse' : 'wait';
    const source = sourceOf(task);
    const onLook = (look: Look): void => this.#options.monitor?.look(look, source);
    const beside = this.#options.rollout?.of(task);
    using model = await this.#options.pool.acquire(task.pin, whenFull, signal).catch((thrown: unknown) => {
      const { code } = asRookeryError(thrown);
      // Another worker may have it, or be able to run it.
      if (code !== 'PIN_UNAVAILABLE') beside?.unopened(code, pictures.items.length);
      throw thrown;
    });
    return await this.#options.pipeline.run(
      { ...pictures, ...trace, classifier: model.classifier, beside, onBegun: progress.begun, onLook },
      signal,
    );
  }

  async #isolated(
    { delivery, from, task, trace }: TaskInWork,
    pictures: Pictures,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<ResultLine[]> {
    const { isolation, models, dead } = this.#options;
    const { attempt } = delivery;
    trace.log.info({ attempt, pictures: pictures.items.length }, 'working on a task in isolation');
    trace.span.event('isolated');
    const { pin } = task;
    const load = () => models.load(pin);
    const job = { ...pictures, pin, model: pinDigest(pin), load, onBegun: progress.begun };
    const { lines, culprits } = await isolation.run(job, signal);
    // Dead letters first: a result without them would hide that there was something to set aside.
    for (const item of culprits) {
      // Redriven, a job's task is done only where its result is missing, and then all of it.
      const copy: Task = { ...task, items: [item], ...(isJobTask(task) && { recheck: true }) };
      await dead[from].add(copy, new RookeryError('PICTURE_CRASHED_WORKER', { detail: item.key }));
    }
    return lines;
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
      log.info('the job was deleted: its task is dropped');
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

/** A delivery whose message is a task, and what is told of it. */
interface TaskInWork extends Leased {
  readonly task: Task;
  readonly trace: TaskTrace;
}

interface Pictures {
  readonly items: Work['items'];
  readonly bucket: Bucket;
  readonly top: number;
  readonly onAnswer: (line: ResultLine) => void;
}

const sourceOf = ({ pin, job }: Task): WindowSource => ({ pin, job: job ?? null });
