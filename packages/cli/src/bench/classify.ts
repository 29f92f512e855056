import os from 'node:os';
import { resolve } from 'node:path';
import { openClassifierOf } from '../classify/open-classifier.ts';
import { printReport } from '../classify/print-report.ts';
import type { CommandContext } from '../context.ts';
import { labelFor, readPictures, secondsOf } from './label-for.ts';

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

/** `rookery bench classify`: the classifier fed from memory. */
export async function runClassifyBench(
  names: readonly string[],
  options: BenchOptions,
  context: CommandContext,
): Promise<void> {
  const seconds = secondsOf(options.seconds);
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
  const { timings, cpuMsPerPicture } = await labelFor(seconds, classifier, pictures, signal);
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
