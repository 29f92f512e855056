import { RookeryError } from '@rookery/contracts';
import * as z from 'zod';
import { configOf, type LayerConverter, unsupported, type Value } from '../layer-context.ts';
import type { LayerDefinition } from '../topology.ts';

/** Puts its inputs together, element by element; those of one pixel or one channel are broadcast. */
const elementwise =
  (op: 'Add' | 'Sub' | 'Mul' | 'Max' | 'Min'): LayerConverter =>
  ({ graph, inputs, layer }) => {
    const [first, ...rest] = inputs;
    if (!first || rest.some(({ shape }) => shape.length !== first.shape.length))
      throw unsupported(layer, 'inputs of different ranks');
    refuseSingleChannels(layer, inputs);
    return rest.reduce(
      (sum, next) => ({
        name: graph.node(op, [sum.name, next.name]),
        shape: sum.shape.map((size, axis) => {
          const other = next.shape[axis] ?? 0;
          if (size !== other && size !== 1 && other !== 1) {
            throw new RookeryError('MODEL_INVALID', {
              detail: `layer ${layer.name}: [${sum.shape}] and [${next.shape}]`,
            });
          }
          return Math.max(size, other);
        }),
      }),
      first,
    );
  };

function refuseSingleChannels(layer: LayerDefinition, inputs: readonly Value[]): void {
  const single = inputs.find(({ channel }) => channel !== undefined);
  if (single) throw unsupported(layer, `input of shape [${single.shape}]`);
}

export const add = elementwise('Add');
export const subtract = elementwise('Sub');
export const multiply = elementwise('Mul');
export const maximum = elementwise('Max');
export const minimum = elementwise('Min');

export const average: LayerConverter = (context) => {
  const { graph, layer, inputs } = context;
  const { name, shape } = add(context);
  const count = graph.floats(`${layer.name}_count`, [], [inputs.length]);
  return { name: graph.node('Div', [name, count]), shape };
};

export const concatenate: LayerConverter = (context) => {
  const { axis } = configOf(context, z.object({ axis: z.int().default(-1) }));
  const { graph, inputs, layer } = context;
  const [first] = inputs;
  if (!first || inputs.some(({ shape }) => shape.length !== first.shape.length))
    throw unsupported(layer, 'inputs of different ranks');
  refuseSingleChannels(layer, inputs);
  // Counted from the batch: 0; channels are the last in Keras and the second here.
  const place = axis < 0 ? axis + first.shape.length + 1 : axis;
  if (place < 1 || place > first.shape.length) throw unsupported(layer, `axis ${axis}`);
  const total = inputs.reduce((sum, { shape }) => sum + (shape[place - 1] ?? 0), 0);
  const graphAxis = place === first.shape.length ? 1 : place + 1;
  return {
    name: graph.node(
      'Concat',
      inputs.map(({ name }) => name),
      { axis: graphAxis },
    ),
    shape: first.shape.map((size, at) => (at === place - 1 ? total : size)),
  };
};
