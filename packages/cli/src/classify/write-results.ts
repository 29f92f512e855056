import { resolve } from 'node:path';
import type { Classifier } from '@rookery/inference';
import type { Logger } from '@rookery/telemetry';
import type { Config } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { colours } from '../ui/colours.ts';
import type { Progress } from '../ui/progress.ts';
import { createFormat } from './formats/create-format.ts';
import type { ClassifyCommandOptions } from './options.ts';
import type { Outcome } from './picture.ts';
import { fileSink, outputSink } from './result-file.ts';
import type { StageReport } from './stage-report.ts';

export interface ResultWriting {
  readonly classifier: Classifier;
  readonly options: Pick<ClassifyCommandOptions, 'format' | 'output'>;
  readonly config: Config;
  readonly context: CommandContext;
  readonly progress: Progress;
  /** Pictures in all, as soon as that is known. */
  readonly total: () => number | undefined;
  readonly report: StageReport;
  readonly log: Logger | undefined;
}

/** How it went, in numbers. */
export interface Tally {
  readonly done: number;
  readonly failed: number;
  readonly errors: ReadonlyMap<string, number>;
}

/** Writes each outcome as it comes, to stdout or a file that appears whole. */
export async function writeResults(outcomes: AsyncIterable<Outcome>, writing: ResultWriting): Promise<Tally> {
  const { classifier, options, config, context, progress, total, report, log } = writing;
  const toScreen = options.output === undefined;
  const format = createFormat(options.format, colours(toScreen && context.colour.stdout));
  const sink = toScreen ? outputSink(context.stdout) : await fileSink(resolve(context.cwd, options.output ?? ''));
  const { name, version, variant } = classifier.pin.model;
  const errors = new Map<string, number>();
  let done = 0;
  let failed = 0;
  try {
    await sink.write(format.begin({ name, version, digest: classifier.model, variant }));
    for await (const outcome of outcomes) {
      done += 1;
      if (outcome.error) {
        const { code } = outcome.error;
        failed += 1;
        errors.set(code, (errors.get(code) ?? 0) + 1);
        report.failed();
        log?.warn({ source: outcome.source, code, detail: outcome.detail }, 'picture failed');
      } else report.labelled(outcome.times);
      const text = format.picture(aboveThreshold(outcome, config.classify.threshold));
      if (text !== '' && toScreen && context.stdout.isTTY) progress.clear();
      await sink.write(text);
      progress.update({ done, failed, total: total() });
    }
    // A table may hold all of it back until now.
    if (toScreen && context.stdout.isTTY) progress.clear();
    await sink.write(format.end(report.summary()));
    await sink.commit();
  } finally {
    await sink.discard();
  }
  return { done, failed, errors };
}

const aboveThreshold = (outcome: Outcome, threshold: number): Outcome =>
  outcome.error || threshold === 0
    ? outcome
    : { ...outcome, predictions: outcome.predictions.filter(({ score }) => score >= threshold) };
