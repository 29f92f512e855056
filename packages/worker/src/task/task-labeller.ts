import { asRookeryError, errorCodeOf, pinDigest, type ResultLine, RookeryError, type Task } from '@rookery/contracts';
import type { Look } from '@rookery/inference';
import type { WindowRecorder, WindowSource } from '@rookery/monitor';
import type { DeadLetters } from '@rookery/queue';
import type { Isolation } from '../isolation/isolation.ts';
import type { Leased } from '../lease/lease-source.ts';
import type { ModelPool } from '../model/model-pool.ts';
import type { PinnedModels } from '../model/pinned-models.ts';
import type { Bucket } from '../picture/fetcher.ts';
import type { PicturePipeline } from '../picture/picture-pipeline.ts';
import type { Tagger } from '../picture/tagger.ts';
import type { WorkerEvents } from '../report/worker-metrics.ts';
import type { EventRollout } from '../rollout/event-rollout.ts';
import { isJobTask } from './job-work.ts';
import { type TaskTrace, tellFailures } from './task-trace.ts';
import type { Work } from './work.ts';

/** A picture that is overwritten all the time is labelled so often by one task; the next event goes on. */
const roundsOfChange = 20;

export interface TaskLabellerOptions {
  readonly models: PinnedModels;
  readonly pool: ModelPool;
  /** Of events. */
  readonly rollout: EventRollout | undefined;
  readonly pipeline: PicturePipeline;
  readonly isolation: Isolation;
  /** Told of lines once they are durable. */
  readonly onLines: ((lines: readonly ResultLine[], task: Task) => void) | undefined;
  readonly monitor: WindowRecorder | undefined;
  readonly dead: { readonly events: DeadLetters; readonly jobs: DeadLetters };
  readonly tagger: Tagger;
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

/** A delivery whose message is a task, and what is told of it. */
export interface TaskInWork extends Leased {
  readonly task: Task;
  readonly trace: TaskTrace;
}

/** What a task asks for, of which bucket, and whether its pictures may touch this process. */
export interface Labelling {
  readonly work: Work;
  readonly bucket: Bucket;
  readonly isolated: boolean;
}

interface Pictures {
  readonly items: Work['items'];
  readonly isDone: Work['isDone'];
  readonly bucket: Bucket;
  readonly top: number;
  readonly onAnswer: (line: ResultLine) => void;
}

/** From the pictures of a task to its lines, made durable: with the warm model that all tasks share, or in isolation. */
export class TaskLabeller {
  readonly #options: TaskLabellerOptions;

  constructor(options: TaskLabellerOptions) {
    this.#options = options;
  }

  /** @throws {RookeryError} what keeps the task from its end: its pictures' own errors are lines. */
  async label(
    one: TaskInWork,
    { work, bucket, isolated }: Labelling,
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
      const pictures = { items, isDone: work.isDone, bucket, top: task.top, onAnswer };
      const lines = items.length === 0 ? [] : await classify(one, pictures, progress, signal);
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
    const onLook = this.#onLook(task);
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
    const { pin } = task;
    const load = () => models.load(pin);
    const onBegun = (): void => {
      trace.log.info({ attempt, pictures: pictures.items.length }, 'working on a task in isolation');
      trace.span.event('isolated');
      progress.begun();
    };
    const judged = this.#options.rollout?.of(task)?.judged;
    const onLook = this.#onLook(task);
    const job = { ...pictures, pin, model: pinDigest(pin), load, judged, onBegun, onLook };
    const { lines, culprits } = await isolation.run(job, signal);
    // Dead letters first: a result without them would hide that there was something to set aside.
    for (const item of culprits) {
      const line = lines[pictures.items.indexOf(item)];
      if (line && (await pictures.isDone(line, signal))) continue;
      // Redriven, a job's task is done only where its result is missing, and then all of it.
      const copy: Task = { ...task, items: [item], ...(isJobTask(task) && { recheck: true }) };
      await dead[from].add(copy, new RookeryError('PICTURE_CRASHED_WORKER', { detail: item.key }));
    }
    return lines;
  }

  #onLook(task: Task): (look: Look) => void {
    const source = sourceOf(task);
    return (look) => this.#options.monitor?.look(look, source);
  }
}

const sourceOf = ({ pin, job }: Task): WindowSource => ({ pin, job: job ?? null });
