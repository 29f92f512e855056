import type { Pin, ServingModel } from '@rookery/contracts';
import { asPinned, type Classifier, type ClassifierOptions, choosePin, openClassifier } from '@rookery/inference';

/** What a worker runs models with. */
export interface Engine {
  /**
   * What this machine runs the model as: as near as it can come to a pin, or as it chooses. Nothing is loaded unless there is something to choose.
   * @throws {RookeryError} ENGINE_UNAVAILABLE
   */
  pinOf(model: ServingModel, wanted?: Pin): Promise<Pin>;
  /** A model as this machine was found to run it. */
  open(model: ServingModel, pin: Pin): Promise<Classifier>;
}

/** The engine of this process, on all its cores unless told otherwise. */
export const localEngine = (options: Omit<ClassifierOptions, 'maxPixels'> = {}): Engine => ({
  pinOf: (model, wanted) => choosePin(model, options, wanted),
  open: (model, pin) => openClassifier(model, asPinned(options, pin)),
});
