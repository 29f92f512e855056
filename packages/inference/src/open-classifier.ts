import type { ServingModel } from '@rookery/contracts';
import { chooseEngine } from './choose-engine/choose-engine.ts';
import type { Classifier } from './classifier.ts';
import type { ClassifierOptions, InternalOptions } from './classifier-options.ts';
import { openWarm } from './open-warm.ts';

/**
 * Loads a model and keeps it warm: a pair of threads for the processor or for each device, one that decodes and one that infers.
 * Resolves when the first batch can run (at once with `background`), and after `auto` has found its engine.
 *
 * @throws {RookeryError} MODEL_INVALID, LABELS_INVALID, DEVICE_UNAVAILABLE, ENGINE_UNAVAILABLE, ENGINE_FAILED.
 */
export const openClassifier = async (
  model: ServingModel,
  options: ClassifierOptions & InternalOptions = {},
): Promise<Classifier> => openWarm(model, { ...options, engine: await chooseEngine(model, options) });
