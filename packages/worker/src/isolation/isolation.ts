import { asRookeryError, type ResultLine, RookeryError, type TaskItem } from '@rookery/contracts';
import type { Look } from '@rookery/inference';
import { Budget } from '../budget.ts';
import type { Bucket, FetchedPicture, Fetcher } from '../picture/fetcher.ts';
import { failedLine, identityOf, labelledLine } from '../picture/picture-line.ts';
import type { PictureSampler, Sampled } from '../picture/picture-sampler.ts';
import type { BesidePicture } from '../rollout/beside-task.ts';
import { ChildDied } from './isolation-child-process.ts';
import { type IsolatedModel, WarmChild, type WarmChildOptions } from './warm-child.ts';

/** Pictures in the child at the same time, while nobody is suspected. */
const together = 8;

export interface IsolationOptions extends WarmChildOptions {
  readonly fetcher: Fetcher;
  readonly pictureMs: number;
  /** Keeps a few of the pictures for people to look at. */
  readonly sampler?: PictureSampler | undefined;
}

export interface IsolatedJob extends IsolatedModel {
  readonly items: readonly TaskItem[];
  readonly bucket: Bucket;
  readonly top: number;
  /** Told what became of each picture, where a version is judged. */
  readonly judged?: Pick<BesidePicture, 'answered' | 'failed'> | undefined;
  /** Called when it is its turn and the model is there. */
  readonly onBegun: () => void;
  /** Called with what a picture looks like to the model. */
  readonly onLook: (look: Look) => void;
  readonly onAnswer: (line: ResultLine) => void;
}

export interface IsolatedOutcome {
  /** In the order of the items. */
  readonly lines: ResultLine[];
  /** The pictures that ended a process of their own. */
  readonly culprits: TaskItem[];
}

/**
 * Classifies tasks that may have ended a worker, in a process of its own. Several pictures at a time at first, since most of them are
 * innocent; when the child dies, those that it had begun are done again one by one, and who is alone with it when it dies is the culprit.
 * One task at a time; the child and its model stay for the next.
 */
export class Isolation implements AsyncDisposable {
  readonly #options: IsolationOptions;
  readonly #turn = new Budget(1);
  readonly #child: WarmChild;

  constructor(options: IsolationOptions) {
    this.#options = options;
    this.#child = new WarmChild(options);
  }

  /** @throws {RookeryError} what may pass if tried again, ABORTED */
  async run(job: IsolatedJob, signal: AbortSignal): Promise<IsolatedOutcome> {
    using _turn = await this.#turn.acquire(1, signal);
    using _use = this.#child.use(signal);
    await this.#child.ready(job);
    job.onBegun();
    return await this.#run(job, signal);
  }

  async #run(job: IsolatedJob, signal: AbortSignal): Promise<IsolatedOutcome> {
    const lines = new Map<number, ResultLine>();
    const culprits: TaskItem[] = [];
    const left = job.items.map((item, index) => ({ item, index }));
    const suspects: typeof left = [];
    const answer = (index: number, line: ResultLine): void => {
      lines.set(index, line);
      job.onAnswer(line);
    };
    /** Resolves to how the child died, if it did. */
    const attempt = async ({ item, index }: (typeof left)[number]): Promise<ChildDied | undefined> => {
      const outcome = await this.#one(item, job, signal);
      if (!(outcome instanceof ChildDied)) answer(index, outcome);
      return outcome instanceof ChildDied ? outcome : undefined;
    };
    while (left.length > 0 || suspects.length > 0) {
      const suspect = suspects.shift();
      if (suspect === undefined) {
        const { begun, waiting } = await this.#together(left, attempt);
        suspects.push(...(begun.length > 0 ? begun : waiting));
        if (begun.length > 0) left.unshift(...waiting);
        continue;
      }
      const death = await attempt(suspect);
      if (death === undefined) continue;
      const { item, index } = suspect;
      this.#options.log.error({ key: item.key, how: death.message }, 'a picture ended its process: set aside');
      culprits.push(item);
      job.judged?.failed('PICTURE_CRASHED_WORKER');
      answer(index, await this.#culpritLine(item, job, signal));
    }
    const inOrder = job.items.map((item, index) => {
      const line = lines.get(index);
      // A picture is never dropped in silence.
      if (line === undefined) throw new RookeryError('INTERNAL', { detail: `no line for ${item.key}` });
      return line;
    });
    return { lines: inOrder, culprits };
  }

  /** Takes from `left` until it is empty or the child dies; resolves to what the child held then. */
  async #together<T>(
    left: T[],
    attempt: (each: T) => Promise<ChildDied | undefined>,
  ): Promise<{ begun: T[]; waiting: T[] }> {
    const begun: T[] = [];
    const waiting: T[] = [];
    let over = false;
    const failures: unknown[] = [];
    const lane = async (): Promise<void> => {
      while (!over) {
        const each = left.shift();
        if (each === undefined) return;
        try {
          const death = await attempt(each);
          if (death === undefined) continue;
          over = true;
          (death.begun ? begun : waiting).push(each);
        } catch (thrown) {
          over = true;
          failures.push(thrown);
        }
      }
    };
    await Promise.all(Array.from({ length: together }, lane));
    if (failures.length > 0) throw failures[0];
    return { begun, waiting };
  }

  async #one(item: TaskItem, job: IsolatedJob, signal: AbortSignal): Promise<ResultLine | ChildDied> {
    const { fetcher, pictureMs, sampler } = this.#options;
    const child = await this.#child.ready(job);
    let picture: FetchedPicture | undefined;
    let sampled: Sampled | undefined;
    let line: ResultLine | undefined;
    try {
      picture = await fetcher.fetch(item, job.bucket, signal);
      sampled = sampler?.offer(picture.bytes);
      const classification = await child.classify(picture.bytes, job.top, pictureMs);
      job.judged?.answered(classification);
      if (classification.look) job.onLook(classification.look);
      line = labelledLine(identityOf(item, picture), job.model, classification);
      return line;
    } catch (thrown) {
      // A child that ends because the worker does is nobody's fault.
      if (signal.aborted) throw new RookeryError('ABORTED', { cause: thrown });
      if (thrown instanceof ChildDied) return thrown;
      const error = asRookeryError(thrown);
      job.judged?.failed(error.code);
      return failedLine(identityOf(item, picture), job.model, error);
    } finally {
      picture?.release();
      sampled?.(line);
    }
  }

  /** What is known of the picture is read again: the line must not depend on how the process ended. */
  async #culpritLine(item: TaskItem, job: IsolatedJob, signal: AbortSignal): Promise<ResultLine> {
    let picture: FetchedPicture | undefined;
    try {
      picture = await this.#options.fetcher.fetch(item, job.bucket, signal);
      return failedLine(identityOf(item, picture), job.model, new RookeryError('PICTURE_CRASHED_WORKER'));
    } catch (thrown) {
      return failedLine(identityOf(item, undefined), job.model, asRookeryError(thrown));
    } finally {
      picture?.release();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]();
  }
}
