import type { ClassifierOptions } from '@rookery/inference';
import type { Config } from '../config.ts';

/** Which engine runs a model, and on what: the part of a classifier's options that pins hold. */
export const engineOptions = ({
  classify,
  models,
}: Config): Pick<ClassifierOptions, 'engine' | 'device' | 'enginesFolder'> => ({
  engine: classify.engine,
  device: classify.device,
  enginesFolder: models.engines,
});
