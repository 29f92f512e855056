import os from 'node:os';
import { resolve } from 'node:path';
import { RookeryError } from '@rookery/contracts';
import type { Classifier } from '@rookery/inference';
import { openClassifierOf } from '../classify/open-classifier.ts';
import type { Source } from '../classify/picture.ts';
import { classifyInOrder } from '../classify/pipeline.ts';
import { printReport } from '../classify/print-report.ts';
import { readLocalFile } from '../classify/sources/local-file.ts';
import { StageReport } from '../classify/stage-report.ts';
import type { CommandContext } from '../context.ts';

export interface BenchOptions {
  readonly seconds: string;
  readonly model?: string;
  readonly labels?: string;
  readonly models?: string;
  readonly variant?: string;
  readonly decode?: string;
  readonly threads?: string;
  readonly batch?: string;
  readonly json?: boolean;
}

/** Labelled before anything is measured: the engine's first runs are slower. */
const warmUpPictures = 32;

/** `rookery bench classify`: the classifier fed from memory. */
export async function runClassifyBench(
  names: readonly string[],
  options: BenchOptions,
  context: CommandContext,
): Promise<void> {
  const seconds = Number(options.seconds);
  if (!(seconds > 0 && seconds <= 3600))
    throw new RookeryError('USAGE', { detail: `--seconds: got "${options.seconds}", allowed: a number up to 3600` });
  const { model, models: folder, labels, variant, decode, threads, batch } = options;
  const config = await context.config({ models: { model, folder }, classify: { variant, decode, threads, batch } });
  const { cwd, signal } = context;
  const notice = (text: string) => void (context.quiet || context.stderr.write(`${text}\n`));
  const pictures = await readPictures(
    names.map((name) => resolve(cwd, name)),
    config.classify.maxBytes,
    signal,
  );
  // As many pictures as are worth tuning for: the machine is measured at its best.
  const opening = openClassifierOf({
    names: Array(1000).fill(''),
    recursive: false,
    labels,
    config,
    cwd,
    signal,
    notice,
    log: undefined,
  });
  await using classifier = await opening;
  await measure(classifier, pictures, signal, (count) => count < warmUpPictures);
  const until = performance.now() + seconds * 1000;
  const cpu = process.cpuUsage();
  const report = await measure(classifier, pictures, signal, () => performance.now() < until);
  const { user, system } = process.cpuUsage(cpu);
  const timings = report.summary();
  if (timings.failed > 0)
    throw new RookeryError('PICTURE_CORRUPT', { detail: `${timings.failed} pictures could not be labelled` });
  const cpuMsPerPicture = Math.round((user + system) / timings.pictures) / 1000;
  const machine = { processor: os.cpus()[0]?.model.trim(), cores: os.availableParallelism(), node: process.version };
  if (options.json) {
    const result = {
      machine,
      model: classifier.pin.model,
      tuning: classifier.tuning,
      pictures: pictures.length,
      cpuMsPerPicture,
      timings,
    };
    await context.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  await context.stdout.write(
    `${machine.cores} cores of ${machine.processor}, Node ${machine.node}, ${classifier.pin.model.name} (${classifier.pin.model.variant}), ${pictures.length} pictures from memory\n${printReport(timings, classifier.tuning)}${cpuMsPerPicture.toFixed(1)} ms of processor time a picture\n`,
  );
}

async function readPictures(paths: readonly string[], maxBytes: number, signal: AbortSignal) {
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
