import { setMaxListeners } from 'node:events';
import { asRookeryError, type ResultLine, type TaskItem } from '@rookery/contracts';
import { type Classifier, type Look, type PictureTimings, pictureNeed } from '@rookery/inference';
import type { Logger, StageTimes } from '@rookery/telemetry';
import { Budget } from '../budget.ts';
import type { BesidePicture, BesideTask } from '../rollout/beside-task.ts';
import type { Bucket, FetchedPicture, Fetcher } from './fetcher.ts';
import { failedLine, identityOf, labelledLine } from './picture-line.ts';
import type { PictureSampler, Sampled } from './picture-sampler.ts';
import { ShardRuns } from './shard-runs.ts';

/** What is to be done for a list of pictures of one bucket. */
export interface PictureJob {
  readonly items: readonly TaskItem[];
  readonly bucket: Bucket;
  readonly top: number;
  readonly classifier: Classifier;
  readonly log: Logger;
  /** Told where its time goes, where somebody wants to know. */
  readonly stages?: StageTimes | undefined;
  /** What stands beside the version that answers. */
  readonly beside?: BesideTask | undefined;
  /** Called when it is its turn. */
  readonly onBegun: () => void;
  /** Called with what a picture looks like to the model. */
  readonly onLook: (look: Look) => void;
  /** Called for each picture that has its line. */
  readonly onAnswer: (line: ResultLine) => void;
}

export interface PicturePipelineOptions {
  readonly fetcher: Fetcher;
  /** Pictures between the start of their fetch and their answer. */
  readonly pictures: number;
  readonly onClassified: (timings: PictureTimings) => void;
  /** Keeps a few of the pictures for people to look at. */
  readonly sampler?: PictureSampler | undefined;
}

/**
 * Fetches and classifies the pictures of all tasks: a task's pictures enter in their order, tasks one after another, and the classifier
 * fills its batches with whatever is there.
 */
export class PicturePipeline {
  readonly #options: PicturePipelineOptions;
  readonly #places: Budget;
  readonly #entrance = new Budget(1);

  constructor(options: PicturePipelineOptions) {
    this.#options = options;
    this.#places = new Budget(options.pictures);
  }

  /** One line an item, in their order. @throws {RookeryError} what may pass if tried again (the whole list is given up), ABORTED */
  async run(job: PictureJob, signal: AbortSignal): Promise<ResultLine[]> {
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    // One listener for each picture that is under way.
    setMaxListeners(0, either);
    const lines: Promise<ResultLine>[] = [];
    using pictures = new ShardRuns(job.items, this.#options.fetcher, job.bucket);
    const seen = pictureNeed(job.classifier.pin);
    try {
      using _turn = await this.#entrance.acquire(1, signal);
      job.onBegun();
      for (const [index, item] of job.items.entries()) {
        const place = await this.#places.acquire(1, either);
        const fetch = (part: 'seen' | 'whole') =>
          pictures.fetch(item, index, either, part === 'seen' ? seen : undefined);
        const line = this.#one(item, job, fetch, either).finally(() => place.release());
        // The first failure ends the others: the task starts over.
        line.then(job.onAnswer, (reason: unknown) => failed.abort(reason));
        lines.push(line);
      }
    } catch (thrown) {
      await Promise.allSettled(lines);
      throw failed.signal.aborted ? failed.signal.reason : thrown;
    }
    await Promise.allSettled(lines);
    if (failed.signal.aborted) throw failed.signal.reason;
    return Promise.all(lines);
  }

  async #one(
    item: TaskItem,
    job: PictureJob,
    fetch: (part: 'seen' | 'whole') => Promise<FetchedPicture>,
    signal: AbortSignal,
  ): Promise<ResultLine> {
    const { classifier, top, stages, beside, log } = job;
    let part: 'seen' | 'whole' = 'seen';
    for (let again = true; ; ) {
      let picture: FetchedPicture | undefined;
      let sampled: Sampled | undefined;
      let line: ResultLine | undefined;
      let seen: BesidePicture | undefined;
      try {
        const askedAt = stages && performance.now();
        picture = await fetch(part);
        const fetchedAt = stages && performance.now();
        if (askedAt !== undefined && fetchedAt !== undefined) stages?.observe('fetch', askedAt, fetchedAt);
        sampled = this.#options.sampler?.offer(picture.bytes);
        seen = beside?.begin(item.key, picture);
        const classification = await classifier.classify(picture.bytes, { top, signal, isCut: picture.isCut });
        this.#options.onClassified(classification.timings);
        seen?.answered(classification);
        if (fetchedAt !== undefined) stages?.classified(fetchedAt, classification.timings);
        if (classification.look) job.onLook(classification.look);
        line = labelledLine(identityOf(item, picture), classifier.model, classification);
        return line;
      } catch (thrown) {
        const error = asRookeryError(thrown);
        if (picture?.isCut && error.code === 'PICTURE_CORRUPT') {
          // What is wrong with it, if anything is, only the whole says.
          part = 'whole';
          continue;
        }
        if (error.code === 'ENGINE_FAILED' && again && !signal.aborted) {
          again = false;
          log.warn({ err: error, key: item.key }, 'the engine failed: classifying once more');
          continue;
        }
        seen?.failed(error.code);
        if (!error.retryable && error.code !== 'ABORTED') {
          log.debug({ err: error, key: item.key }, 'picture without labels');
        }
        return failedLine(identityOf(item, picture), classifier.model, error);
      } finally {
        picture?.release();
        sampled?.(line);
        seen?.[Symbol.dispose]();
      }
    }
  }
}
