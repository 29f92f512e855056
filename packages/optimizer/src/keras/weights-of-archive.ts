import * as z from 'zod';
import type { Weight } from '../tfjs/weights.ts';
import type { Hdf5 } from './hdf5.ts';

const Layer = z.looseObject({
  class_name: z.string(),
  config: z
    .looseObject({
      name: z.string().optional(),
      layers: z.array(z.unknown()).optional(),
      scale: z.unknown().optional(),
      center: z.unknown().optional(),
    })
    .catch({}),
});
type Layer = z.infer<typeof Layer>;

/** Where such files keep groups inside groups, with variables at the end. */
export type WeightTree = Pick<Hdf5, 'members' | 'text' | 'numbers'>;

/**
 * Weights of `model.weights.h5`, by `layer/weight`, those of models inside models after the model's name. A layer's place is called by its
 * class, with a number from the second one of a class on; its variables have numbers only.
 */
export function weightsOfArchive(file: WeightTree, model: unknown): Map<string, Weight> {
  const weights = new Map<string, Weight>();
  collect(file, model, { place: '', names: '' }, weights);
  return weights;
}

function collect(
  file: WeightTree,
  model: unknown,
  at: { readonly place: string; readonly names: string },
  weights: Map<string, Weight>,
): void {
  const layers = Layer.safeParse(model).data?.config.layers ?? [];
  const used = new Map<string, number>();
  // Later versions of Keras write the layer's name beside its variables.
  const named = new Map(
    file.members(`${at.place}layers`).map((member) => {
      const place = `${at.place}layers/${member}/`;
      return [file.text(`${place}vars`, 'name'), place] as const;
    }),
  );
  for (const each of layers) {
    const layer = Layer.safeParse(each).data;
    if (!layer) continue;
    const kind = snakeCase(layer.class_name);
    const count = used.get(kind) ?? 0;
    used.set(kind, count + 1);
    const name = layer.config.name ?? '';
    const place = named.get(name) ?? `${at.place}layers/${count === 0 ? kind : `${kind}_${count}`}/`;
    if (layer.config.layers) {
      collect(file, layer, { place, names: `${at.names}${name}/` }, weights);
      continue;
    }
    const variables = file.members(`${place}vars`).sort((a, b) => Number(a) - Number(b));
    const names = variableNames(layer);
    for (const [n, variable] of variables.entries())
      weights.set(`${at.names}${name}/${names[n] ?? variable}`, file.numbers(`${place}vars/${variable}`));
  }
}

/** In the order in which the layer makes them. */
function variableNames({ class_name, config }: Layer): string[] {
  switch (class_name) {
    case 'BatchNormalization':
    case 'LayerNormalization': {
      const scale = config.scale === false ? [] : ['gamma'];
      const center = config.center === false ? [] : ['beta'];
      return [...scale, ...center, 'moving_mean', 'moving_variance'];
    }
    case 'SeparableConv2D':
      return ['depthwise_kernel', 'pointwise_kernel', 'bias'];
    case 'Normalization':
      return ['mean', 'variance', 'count'];
    case 'LayerScale':
      return ['gamma'];
    case 'PReLU':
      return ['alpha'];
    default:
      return ['kernel', 'bias'];
  }
}

/** As Keras calls places: `SeparableConv2D` is `separable_conv2d`, `PReLU` is `p_re_lu`. */
const snakeCase = (name: string): string =>
  name
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
