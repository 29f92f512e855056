import type { Pin, ServingModel } from '@rookery/contracts';
import type { ClassifierOptions } from '../classifier-options.ts';
import { engineOf } from '../find-engine.ts';
import { pinOf } from '../pin.ts';
import { chooseEngine } from './choose-engine.ts';

/**
 * The pin of whatever is made here for others to do: `auto` is resolved as `openClassifier` would, so it is the same engine for all of it.
 * @param wanted A pin to come as near to as the options allow; nothing is chosen then.
 */
export const choosePin = async (model: ServingModel, options: ClassifierOptions, wanted?: Pin): Promise<Pin> =>
  pinOf(model, wanted ? asPinned(options, wanted) : { ...options, engine: await chooseEngine(model, options) });

/** The options of whoever does what a pin says: its limit of pixels, and its engine where the options leave that open. */
export const asPinned = <Options extends ClassifierOptions>(options: Options, pin: Pin): Options => ({
  ...options,
  maxPixels: pin.maxPixels,
  engine: options.engine === undefined || options.engine === 'auto' ? engineOf(pin) : options.engine,
});
