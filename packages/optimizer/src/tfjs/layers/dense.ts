import * as z from 'zod';
import { configOf, type LayerConverter, onlyInput, unsupported } from '../layer-context.ts';
import { activate } from './activations.ts';

export const dense: LayerConverter = (context) => {
  const { units, use_bias, activation } = configOf(
    context,
    z.object({ units: z.int().min(1), use_bias: z.boolean().default(true), activation: z.unknown() }),
  );
  const { name, shape } = onlyInput(context);
  const [size = 0] = shape;
  if (shape.length !== 1) throw unsupported(context.layer, `input of shape [${shape}]`);
  const { graph, layer } = context;
  const inputs = [name, graph.floats(`${layer.name}/kernel`, [size, units], context.weight('kernel', [size, units]))];
  if (use_bias) inputs.push(graph.floats(`${layer.name}/bias`, [units], context.weight('bias', [units])));
  return { name: activate(context, graph.node('Gemm', inputs), activation), shape: [units] };
};
