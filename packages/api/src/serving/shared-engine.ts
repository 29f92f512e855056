import { type Pin, pinDigest, type ServingModel } from '@rookery/contracts';
import { asPinned, type Classifier, type ClassifierOptions, choosePin, openClassifier } from '@rookery/inference';
import { BackgroundClassifier } from './background-classifier.ts';
import type { ModelHost } from './model-host.ts';

/** What a worker in the same process runs models with. */
export interface SharedEngine {
  pinOf(model: ServingModel, wanted?: Pin): Promise<Pin>;
  open(model: ServingModel, pin: Pin): Promise<Classifier>;
}

/** Batches of a worker in flight: one is computed, one waits, one is decoded. */
const batchesInFlight = 3;

/** The service's own warm models, for a worker beside it: one model in memory, its batches shared, callers first. */
export function sharedEngine(models: ModelHost, options: Omit<ClassifierOptions, 'maxPixels'>): SharedEngine {
  return {
    pinOf: (model, wanted) => choosePin(model, options, wanted),
    async open(model, pin) {
      const lease = await models.useModel(model);
      const { classifier } = lease;
      const release = (): void => lease[Symbol.dispose]();
      if (classifier.model === pinDigest(pin))
        return new BackgroundClassifier(classifier, { pictures: batchesInFlight * classifier.tuning.batch, release });
      // A job that was made under other limits.
      release();
      return openClassifier(model, asPinned(options, pin));
    },
  };
}
