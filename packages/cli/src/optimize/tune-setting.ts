import type { ServingModel } from '@rookery/contracts';
import { type EngineName, openClassifier } from '@rookery/inference';
import type { Sample } from '@rookery/optimizer';

/** One way to run a model on this machine. */
export interface Setting {
  readonly variant: string;
  readonly engine: EngineName;
  readonly threads: number;
  readonly batch: number;
}

export interface SettingRun {
  /** Scores of every picture, one after the other, rounded as results are. */
  readonly scores: Float32Array;
  readonly picturesPerSecond: number;
}

/**
 * Labels the sample with the classifier itself, over and over for so many seconds: its queue, batches and threads take part, decoding does not.
 * @throws {RookeryError} whatever opening the model with these settings throws.
 */
export async function runSetting(
  model: ServingModel,
  { engine, threads, batch }: Setting,
  sample: Sample,
  options: { readonly seconds: number; readonly enginesFolder: string; readonly signal: AbortSignal },
): Promise<SettingRun> {
  const { seconds, enginesFolder, signal } = options;
  await using classifier = await openClassifier(model, { engine, threads, batch, enginesFolder, tuning: 'never' });
  const size = sample.width * sample.height * 3;
  const picture = (n: number) => sample.pixels.slice((n % sample.count) * size, ((n % sample.count) + 1) * size);
  const classify = (n: number, scores: boolean) =>
    classifier.classifyPixels(picture(n), { top: 1, scores, signal }).then((found) => found.scores);
  const rows = await Promise.all(Array.from({ length: sample.count }, (_, n) => classify(n, true)));
  const scores = new Float32Array(sample.count * classifier.labels.length);
  for (const [n, row] of rows.entries()) if (row) scores.set(row, n * classifier.labels.length);
  const begun = performance.now();
  const until = begun + seconds * 1000;
  let done = 0;
  // A batch at the engine and one that waits for it.
  const caller = async (): Promise<void> => {
    for (; performance.now() < until; done += 1) await classify(done, false);
  };
  await Promise.all(Array.from({ length: 2 * batch }, caller));
  return { scores, picturesPerSecond: (done * 1000) / (performance.now() - begun) };
}
