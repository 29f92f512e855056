import type { Pin, ServingModel } from '@rookery/contracts';
import { type Classifier, type ClassifierOptions, openClassifier, pinOf } from '@rookery/inference';

/** What a worker runs models with. */
export interface Engine {
  /** What this machine would run the model as, without loading it. */
  pinOf(model: ServingModel, maxPixels?: number): Pin;
  open(model: ServingModel, maxPixels: number): Promise<Classifier>;
}

/** The engine of this process, on all its cores unless told otherwise. */
export const localEngine = (options: Omit<ClassifierOptions, 'maxPixels'> = {}): Engine => ({
  pinOf: (model, maxPixels) => pinOf(model, { ...options, maxPixels }),
  open: (model, maxPixels) => openClassifier(model, { ...options, maxPixels }),
});
