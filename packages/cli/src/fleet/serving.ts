import { ModelHost, modelSource, type SharedEngine, sharedEngine } from '@rookery/api';
import type { ServingModel } from '@rookery/contracts';
import { type ClassifierOptions, openClassifier } from '@rookery/inference';
import { parseReference, type Registry } from '@rookery/models';
import type { Logger } from '@rookery/telemetry';
import type { WorkerOptions } from '@rookery/worker';
import { decodedAs } from '../classify/decoded-as.ts';
import { makeExplainGraphs } from '../classify/make-explain-graphs.ts';
import { loadServingModel } from '../classify/model.ts';
import type { Config } from '../config.ts';
import { engineOptions } from '../engines/engine-options.ts';
import { tuningFolder } from '../engines/pinned-as.ts';
import { openRegistryOf } from '../registry.ts';

export interface ServingOptions {
  readonly config: Config;
  /** Of a model file. */
  readonly labels: string | undefined;
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly notice: (text: string) => void;
  readonly log: Logger;
}

/** The warm models of this process: the service answers with them, and a worker beside it labels with the same ones. */
export interface Serving extends AsyncDisposable {
  readonly registry: Registry;
  readonly models: ModelHost;
  readonly engine: SharedEngine;
  /** The registry, and in front of it the model that was given as a file. */
  readonly modelsOfJobs: WorkerOptions['registry'];
  /** What the default model is called among them. */
  readonly defaultReference: string;
}

/** Nothing is loaded yet, except a model that is given as a file. */
export async function openServing(options: ServingOptions): Promise<Serving> {
  const { config, log } = options;
  const { threads, batch, maxPixels, memoryBudget, variant } = config.classify;
  const { model } = config.models;
  const registry = await openRegistryOf(config, options.cwd);
  const fixed = parseReference(model).kind === 'path' ? await loadServingModel(options) : undefined;
  const classifier: ClassifierOptions = {
    threads,
    batch,
    ...engineOptions(config),
    memoryBudgetBytes: memoryBudget,
    tuning: 'measure',
    tuningCache: tuningFolder(config),
    explainGraphs: makeExplainGraphs,
    log,
  };
  const defaultReference = fixed ? nameOf(fixed) : model;
  const models = new ModelHost({
    source: modelSource({ registry, fixed, variant }),
    open: (each) => openClassifier(decodedAs(each, config), { ...classifier, maxPixels }),
    defaultReference,
    budgetBytes: config.api.modelMemory,
    log,
  });
  return {
    registry,
    models,
    engine: sharedEngine(models, classifier),
    modelsOfJobs: {
      load: async (reference, load) => (fixed && reference === nameOf(fixed) ? fixed : registry.load(reference, load)),
    },
    defaultReference,
    async [Symbol.asyncDispose]() {
      await models[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
    },
  };
}

const nameOf = ({ name, version }: ServingModel): string => `${name}@${version}`;
