import { availableParallelism } from 'node:os';
import { RookeryError, type ServingModel } from '@rookery/contracts';
import type { ClassifierOptions } from '../classifier-options.ts';
import { defaultBatch } from '../engine/batches.ts';
import { type EngineChoice, enginesFor } from '../find-engine.ts';
import { keepMeasured, measuredFile, readMeasured } from '../measured-file.ts';
import { fastestThatAgrees, type Trial } from './fastest-that-agrees.ts';
import { tryEngines } from './try-engines.ts';

/**
 * What `auto` means for a model on this machine: of several engines that can run it on the processor the fastest that agrees with the first.
 * It is measured where `tuning` says so, once for a machine, a graph and the engines' versions, and kept in `tuningCache`. Where there is one
 * engine nothing is opened; where nothing was measured `auto` stays, which goes by the format.
 */
export async function chooseEngine(model: ServingModel, options: ClassifierOptions): Promise<EngineChoice> {
  const { engine = 'auto', device = 'cpu', enginesFolder, tuning = 'cached', tuningCache, log } = options;
  if (engine !== 'auto' || device !== 'cpu' || tuning === 'never') return engine;
  const engines = enginesFor(model.format, enginesFolder);
  if (engines.length < 2) return engine;
  const { threads = availableParallelism(), batch = defaultBatch } = options;
  const what = {
    graph: model.graph.digest,
    stableBatch: model.stableBatch,
    engines: engines.map(({ name, version }) => `${name} ${version}`),
    threads,
    batch,
  };
  const file = tuningCache && measuredFile(tuningCache, what, 'engine-');
  const names = engines.map((each) => each.engine);
  const kept = file && (await readMeasured(file))?.value.engine;
  const known = names.find((name) => name === kept);
  if (known || tuning === 'cached') return known ?? engine;
  let trials: readonly Trial[];
  try {
    trials = await tryEngines(model, names, { threads, batch, enginesFolder });
  } catch (thrown) {
    // The first engine cannot run it, and whoever opens the model is told why.
    if (thrown instanceof RookeryError) return engine;
    throw thrown;
  }
  const chosen = fastestThatAgrees(trials);
  log?.info(
    { model: `${model.name}@${model.version}`, variant: model.variant, engine: chosen, trials },
    'the engine was measured',
  );
  if (file) await keepMeasured(file, { engine: chosen, trials }, { what: 'the choice of the engine', log });
  return chosen;
}
