import { RookeryError } from '@rookery/contracts';
import type { Classifier } from '@rookery/inference';
import type { Source } from '../classify/picture.ts';
import { classifyInOrder } from '../classify/pipeline.ts';
import { readLocalFile } from '../classify/sources/local-file.ts';
import { StageReport, type Timings } from '../classify/stage-report.ts';

/** Labelled before anything is measured: the engine's first runs are slower. */
const warmUpPictures = 32;

/** @throws {RookeryError} USAGE */
export function secondsOf(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 3600) return seconds;
  throw new RookeryError('USAGE', { detail: `--seconds: got "${text}", allowed: a number above 0, up to 3600` });
}

/** A picture in memory. */
export interface HeldPicture {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Labels pictures from memory again and again. @throws {RookeryError} what is wrong with one that cannot be labelled, by its name */
export async function labelFor(
  seconds: number,
  classifier: Classifier,
  pictures: readonly HeldPicture[],
  signal: AbortSignal,
): Promise<{ readonly timings: Timings; readonly cpuMsPerPicture: number }> {
  await measure(classifier, pictures, signal, (count) => count < warmUpPictures);
  const until = performance.now() + seconds * 1000;
  const cpu = process.cpuUsage();
  const report = await measure(classifier, pictures, signal, () => performance.now() < until);
  const { user, system } = process.cpuUsage(cpu);
  const timings = report.summary();
  return { timings, cpuMsPerPicture: Math.round((user + system) / timings.pictures) / 1000 };
}

/** From the given files, else the photographs of the demo. */
export async function readPictures(
  paths: readonly string[],
  maxBytes: number,
  signal: AbortSignal,
): Promise<HeldPicture[]> {
  const files = paths.length > 0 ? paths : await (await import('../demo/pictures.ts')).picturePaths();
  const reserve = () => Promise.resolve();
  return Promise.all(
    files.map(async (name) => ({ name, bytes: await readLocalFile(name, maxBytes, { signal, reserve }) })),
  );
}

/** Labels the pictures in turn while `more` says so. */
async function measure(
  classifier: Classifier,
  pictures: readonly HeldPicture[],
  signal: AbortSignal,
  more: (count: number) => boolean,
): Promise<StageReport> {
  const report = new StageReport();
  async function* sources(): AsyncGenerator<Source> {
    for (let count = 0; more(count); count += 1) {
      const picture = pictures[count % pictures.length];
      // The classifier takes the buffer over.
      if (picture) yield { name: picture.name, read: () => Promise.resolve(picture.bytes.slice()) };
    }
  }
  const outcomes = classifyInOrder(sources(), {
    classifier: Promise.resolve(classifier),
    top: 3,
    signal,
    maxBytesHeld: 128_000_000,
    window: 64,
  });
  for await (const outcome of outcomes) {
    if (outcome.error) {
      const { source, detail, error } = outcome;
      throw new RookeryError(error.code, { detail: `${source}: ${detail}` });
    }
    report.labelled(outcome.times);
  }
  return report;
}
