import type { Logger } from '@rookery/telemetry';
import type { Config } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { registryFlags } from '../registry.ts';
import { Progress } from '../ui/progress.ts';
import { besides, withFileNames } from './besides.ts';
import { countPictures } from './count.ts';
import { openClassifierOf } from './open-classifier.ts';
import type { ClassifyCommandOptions } from './options.ts';
import { classifyInOrder } from './pipeline.ts';
import { printReport } from './print-report.ts';
import { expandSources } from './sources/expand.ts';
import { StageReport } from './stage-report.ts';
import { type Tally, writeResults } from './write-results.ts';

/** Encoded bytes of pictures held at a time. */
const maxBytesHeld = 128_000_000;

/** `rookery classify`. Sets the exit code; throws where nothing can be labelled. */
export async function runClassify(
  names: readonly string[],
  options: ClassifyCommandOptions,
  context: CommandContext,
): Promise<void> {
  const config = await configOf(options, context);
  const { cwd, signal, stdin } = context;
  const recursive = options.recursive === true;
  const progress = new Progress(context.stderr, {
    quiet: context.quiet,
    colour: context.colour.stderr,
    what: 'pictures',
  });
  const notice = (text: string) => {
    progress.clear();
    if (!context.quiet) void context.stderr.write(`${text}\n`);
  };
  const log = await logOf(config, context);
  const report = new StageReport();

  const opening = openClassifierOf({
    names,
    recursive,
    labels: options.labels,
    config,
    cwd,
    signal,
    notice,
    log,
    early: context.early,
  });
  const opened = opening.then(() => report.loaded());
  opened.catch(() => {});
  const sources = expandSources(names, { cwd, recursive, stdin, config, signal, notice });
  const also = await besides({
    saveLabels: options.saveLabels,
    annotate: options.annotate,
    explain: options.explain,
    cwd,
    threshold: config.classify.threshold,
  });
  const outcomes = classifyInOrder(also ? withFileNames(sources) : sources, {
    classifier: opening,
    top: config.classify.top,
    signal,
    maxBytesHeld,
    also,
    explain: options.explain === undefined ? undefined : config.classify.top,
  });
  // Asked only where somebody watches: it is a second listing.
  const counting = progress.shown ? countPictures(names, { cwd, recursive }).catch(() => undefined) : undefined;
  let total: number | undefined;
  void counting?.then((count) => {
    total = count;
  });
  try {
    const classifier = await opening;
    const tally = await writeResults(outcomes, {
      classifier,
      options,
      config,
      context,
      progress,
      total: () => total,
      report,
      log,
    });
    progress.clear();
    if (options.report) await context.stderr.write(printReport(report.summary(), classifier.tuning));
    if (tally.failed > 0) {
      context.exitCode = exitCodes.failed;
      notice(failureSummary(tally));
    }
  } finally {
    progress.clear();
    await outcomes.return(undefined);
    // A process that was started for this ends now: there is nothing to wait for.
    if (!context.early) await opening.then((classifier) => classifier[Symbol.asyncDispose]()).catch(() => {});
  }
}

const configOf = (options: ClassifyCommandOptions, context: CommandContext): Promise<Config> =>
  context.config({
    models: { ...registryFlags(options), model: options.model },
    classify: {
      top: options.top,
      threshold: options.threshold,
      device: options.device,
      engine: options.engine,
      fallback: options.fallback,
      threads: options.threads,
      batch: options.batch,
      variant: options.variant,
      decode: options.decode,
      maxPixels: options.maxPixels,
    },
  });

/** The results are the output, so the log is opened only where somebody asked for it. */
const logOf = async (config: Config, context: CommandContext): Promise<Logger | undefined> =>
  context.verbose || config.log.file !== undefined || config.log.loki !== undefined
    ? context.logger({ stderr: context.verbose })
    : undefined;

const failureSummary = ({ errors, failed, done }: Tally): string =>
  `${failed} of ${done} ${done === 1 ? 'picture' : 'pictures'} failed: ${[...errors]
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => `${code} ${count}`)
    .join(', ')}`;
