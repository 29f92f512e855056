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

/** Labels pictures from memory again and again. @throws {RookeryError} PICTURE_CORRUPT */
export async function labelFor(
  seconds: number,
  classifier: Classifier,
  pictures: readonly Uint8Array<ArrayBuffer>[],
  signal: AbortSignal,
): Promise<{ readonly timings: Timings; readonly cpuMsPerPicture: number }> {
  await measure(classifier, pictures, signal, (count) => count < warmUpPictures);
  const until = performance.now() + seconds * 1000;
  const cpu = process.cpuUsage();
  const report = await measure(classifier, pictures, signal, () => performance.now() < until);
  const { user, system } = process.cpuUsage(cpu);
  const timings = report.summary();
  if (timings.failed > 0)
    throw new RookeryError('PICTURE_CORRUPT', { detail: `${timings.failed} pictures could not be labelled` });
  return { timings, cpuMsPerPicture: Math.round((user + system) / timings.pictures) / 1000 };
}

/** From the given files, else the photographs of the demo. */
export async function readPictures(paths: readonly string[], maxBytes: number, signal: AbortSignal) {
  const files = paths.length > 0 ? paths : await (await import('../demo/pictures.ts')).picturePaths();
  return Promise.all(files.map((path) => readLocalFile(path, maxBytes, { signal, reserve: () => Promise.resolve() })));
}

/** Labels the pictures in turn while `more` says so. */
async function measure(
  classifier: Classifier,
  pictures: readonly Uint8Array<ArrayBuffer>[],
  signal: AbortSignal,
  more: (count: number) => boolean,
): Promise<StageReport> {
  const report = new StageReport();
  async function* sources(): AsyncGenerator<Source> {
    for (let count = 0; more(count); count += 1) {
      const picture = pictures[count % pictures.length];
      // The classifier takes the buffer over.
      if (picture) yield { name: String(count), read: () => Promise.resolve(picture.slice()) };
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
    if (outcome.error) report.failed();
    else report.labelled(outcome.times);
  }
  return report;
}
