import { posix } from 'node:path';
import * as z from 'zod';
import { isModelClass } from '../tfjs/topology.ts';
import type { Weight } from '../tfjs/weights.ts';
import type { Hdf5 } from './hdf5.ts';

const root = 'model_weights';

const Members = z.object({
  config: z.object({
    layers: z.array(z.looseObject({ class_name: z.string(), config: z.looseObject({ name: z.string().optional() }) })),
  }),
});

/**
 * Weights of a whole model in one HDF5 file, by `layer/weight`, those of models inside models after the model's name. A layer's own are
 * called by the place where they were made, which may have another name than the layer.
 */
export function weightsOfH5(file: Hdf5, model: unknown): Map<string, Weight> {
  const members = Members.safeParse(model).data?.config.layers ?? [];
  const models = new Set(members.filter(({ class_name }) => isModelClass(class_name)).map(({ config }) => config.name));
  const weights = new Map<string, Weight>();
  // A layer's name may have slashes, so that its group lies in others.
  for (const layer of file.texts(root, 'layer_names')) {
    const paths = file.texts(`${root}/${layer}`, 'weight_names');
    for (const path of paths) {
      const name = path.replace(/:\d+$/, '');
      const own = posix.basename(name);
      // The only one, which the layer gave no name, has a number that counts through the model.
      const called = paths.length === 1 ? own.replace(/^variable_\d+$/, 'variable') : own;
      const key = models.has(layer) ? `${layer}/${name}` : `${layer}/${called}`;
      weights.set(key, file.numbers(`${root}/${layer}/${path}`));
    }
  }
  return weights;
}
