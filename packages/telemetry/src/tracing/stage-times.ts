import type { Span } from './tracer.ts';

interface Stage {
  fromMs: number;
  toMs: number;
  pictures: number;
  sumMs: number;
  longestMs: number;
}

/** Where the time of one picture went in a classifier. Milliseconds. */
interface Timings {
  readonly queueMs: number;
  readonly decodeMs: number;
  readonly batchMs: number;
  readonly inferMs: number;
}

/** Gathers what many pictures did in each stage, so that a task has a span a stage, not one a picture. Times of `performance.now()`. */
export class StageTimes {
  readonly #stages = new Map<string, Stage>();

  observe(name: string, fromMs: number, toMs: number): void {
    const stage = this.#stages.get(name) ?? { fromMs, toMs, pictures: 0, sumMs: 0, longestMs: 0 };
    this.#stages.set(name, stage);
    stage.fromMs = Math.min(stage.fromMs, fromMs);
    stage.toMs = Math.max(stage.toMs, toMs);
    stage.pictures++;
    stage.sumMs += toMs - fromMs;
    stage.longestMs = Math.max(stage.longestMs, toMs - fromMs);
  }

  /** A picture that the classifier was given at `fromMs`. */
  classified(fromMs: number, { queueMs, decodeMs, batchMs, inferMs }: Timings): void {
    const decodeAtMs = fromMs + queueMs;
    const inferAtMs = decodeAtMs + decodeMs + batchMs;
    this.observe('decode', decodeAtMs, decodeAtMs + decodeMs);
    this.observe('infer', inferAtMs, inferAtMs + inferMs);
  }

  /** A part of the span for each stage, from its first picture to its last. */
  tell(span: Span): void {
    for (const [name, { fromMs, toMs, pictures, sumMs, longestMs }] of this.#stages)
      span.part(name, fromMs, toMs, {
        'rookery.pictures': pictures,
        'rookery.picture_seconds.sum': sumMs / 1_000,
        'rookery.picture_seconds.max': longestMs / 1_000,
      });
  }
}
