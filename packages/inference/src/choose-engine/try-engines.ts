import { asRookeryError, type ServingModel } from '@rookery/contracts';
import type { Classifier } from '../classifier.ts';
import type { EngineName } from '../engine/port.ts';
import { openWarm } from '../open-warm.ts';
import type { Trial } from './fastest-that-agrees.ts';
import { trialPictures } from './trial-pictures.ts';

interface TryOptions {
  readonly threads: number;
  readonly batch: number;
  readonly enginesFolder: string | undefined;
}

/** For each engine, once it is loaded and has seen the pictures. */
const msForEach = 1_000;
const fewestRounds = 3;
/** Of the pictures, for scores in a batch of one. */
const alone = 2;

/**
 * Runs the same pictures through a classifier of each engine, in turn, so that whatever else the machine does meets all of them.
 * @throws {RookeryError} what the first engine failed with.
 */
export async function tryEngines(
  model: ServingModel,
  engines: readonly EngineName[],
  { threads, batch, enginesFolder }: TryOptions,
): Promise<Trial[]> {
  const { width, height } = model.preprocessing;
  const pictures = trialPictures(Math.max(batch, alone), height, width);
  const open: Contestant[] = [];
  const failed: Trial[] = [];
  try {
    for (const engine of engines) {
      try {
        const options = { engine, threads, batch, enginesFolder, device: 'cpu', maxPending: pictures.length } as const;
        open.push(new Contestant(engine, await openWarm(model, { ...options, tuning: 'never' }), pictures));
        await open.at(-1)?.begin();
      } catch (thrown) {
        if (engine === engines[0]) throw thrown;
        if (open.at(-1)?.engine === engine) await open.pop()?.close();
        failed.push(failure(engine, asRookeryError(thrown).message));
      }
    }
    const until = performance.now() + open.length * msForEach;
    for (let round = 0; open.length > 1 && (round < fewestRounds || performance.now() < until); round += 1)
      for (const contestant of open) await contestant.round();
    const [first] = open;
    return first ? [...open.map((each) => each.beside(first)), ...failed] : failed;
  } finally {
    await Promise.all(open.map((each) => each.close()));
  }
}

const failure = (engine: EngineName, why: string): Trial => ({
  engine,
  failed: why,
  picturesPerSecond: 0,
  ratio: 0,
  largestDifference: Number.POSITIVE_INFINITY,
  otherLabels: 0,
  isSteady: false,
});

class Contestant {
  readonly #times: number[] = [];
  #scores: readonly Float32Array[] = [];
  #isSteady = true;

  constructor(
    readonly engine: EngineName,
    private readonly classifier: Classifier,
    private readonly pictures: readonly Uint8Array<ArrayBuffer>[],
  ) {}

  /** A batch, whose memory is allocated then, and some of its pictures alone. */
  async begin(): Promise<void> {
    this.#scores = await this.#classify(this.pictures);
    for (const [place, picture] of this.pictures.slice(0, alone).entries())
      this.#compare(await this.#classify([picture]), place);
  }

  async round(): Promise<void> {
    const begun = performance.now();
    const scores = await this.#classify(this.pictures);
    this.#times.push(performance.now() - begun);
    this.#compare(scores, 0);
  }

  beside(first: Contestant): Trial {
    const differences = this.#scores.map((scores, picture) =>
      scores.reduce((most, score, at) => Math.max(most, Math.abs(score - (first.#scores[picture]?.[at] ?? 0))), 0),
    );
    return {
      engine: this.engine,
      picturesPerSecond: Math.round((this.pictures.length * 1000) / median(this.#times)),
      ratio: Number(median(this.#times.map((ms, round) => (first.#times[round] ?? ms) / ms)).toFixed(3)),
      largestDifference: Math.max(...differences),
      otherLabels: this.#scores.filter((scores, picture) => best(scores) !== best(first.#scores[picture])).length,
      isSteady: this.#isSteady,
    };
  }

  close(): Promise<void> {
    return Promise.resolve(this.classifier[Symbol.asyncDispose]());
  }

  async #classify(pictures: readonly Uint8Array<ArrayBuffer>[]): Promise<Float32Array[]> {
    const answers = pictures.map((it) => this.classifier.classifyPixels(it.slice(), { top: 1, scores: true }));
    return (await Promise.all(answers)).map(({ scores }) => scores ?? new Float32Array());
  }

  #compare(scores: readonly Float32Array[], from: number): void {
    for (const [place, row] of scores.entries())
      if (row.some((score, at) => score !== this.#scores[from + place]?.[at])) this.#isSteady = false;
  }
}

const best = (scores: Float32Array = new Float32Array()): number =>
  scores.reduce((top, score, at) => (score > (scores[top] ?? 0) ? at : top), 0);

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
