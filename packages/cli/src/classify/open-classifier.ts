import { join } from 'node:path';
import { type Classifier, type EarlyThreads, openClassifier } from '@rookery/inference';
import type { Logger } from '@rookery/telemetry';
import type { Config } from '../config.ts';
import { engineOptions } from '../engines/engine-options.ts';
import { countPictures } from './count.ts';
import { decodedAs } from './decoded-as.ts';
import { makeExplainGraphs } from './make-explain-graphs.ts';
import { loadServingModel } from './model.ts';

const byMasks =
  'note: where this model looks is found with up to 400 masked copies of each picture, for 20 s at most: no gradient of its head is known';

/** With fewer pictures a command never measures what suits the machine: it is done before the measurement would be. */
const worthTuning = 200;

export interface OpenOptions {
  readonly names: readonly string[];
  readonly recursive: boolean;
  /** Of a model file. */
  readonly labels: string | undefined;
  readonly config: Config;
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly notice: (text: string) => void;
  readonly log: Logger | undefined;
  readonly early?: EarlyThreads | undefined;
}

/** The configured model, taking pictures before its engine is ready. @throws MODEL_*, LABELS_INVALID, REFERENCE_INVALID */
export async function openClassifierOf(options: OpenOptions): Promise<Classifier> {
  const { config, cwd, names, recursive, log } = options;
  const { threads, batch, fallback, maxPixels, memoryBudget } = config.classify;
  const [model, count = 0] = await Promise.all([
    loadServingModel(options),
    countPictures(names, { cwd, recursive }, worthTuning),
  ]);
  return openClassifier(decodedAs(model, config), {
    threads,
    batch,
    ...engineOptions(config),
    fallback,
    maxPixels,
    memoryBudgetBytes: memoryBudget,
    tuning: count >= worthTuning ? 'measure' : 'cached',
    tuningCache: join(config.models.cache, 'tuning'),
    background: true,
    // Said even where nobody asked for a log.
    log: log ?? (fallback ? { info: () => undefined, warn: (_, message) => options.notice(message) } : undefined),
    early: options.early,
    explainGraphs: async (served) => {
      const graphs = await makeExplainGraphs(served);
      if (!graphs) options.notice(byMasks);
      return graphs;
    },
  });
}
