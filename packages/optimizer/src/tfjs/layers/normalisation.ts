import * as z from 'zod';
import { configOf, type LayerConverter, onlyInput, unsupported } from '../layer-context.ts';

export const batchNormalization: LayerConverter = (context) => {
  const { graph, layer } = context;
  const config = configOf(
    context,
    z.object({
      axis: z
        .union([
          z.int(),
          z
            .array(z.int())
            .length(1)
            .transform(([only = -1]) => only),
        ])
        .default(-1),
      epsilon: z.number().default(1e-3),
      center: z.boolean().default(true),
      scale: z.boolean().default(true),
    }),
  );
  const { name, shape } = onlyInput(context);
  const channels = shape.at(-1) ?? 0;
  if (config.axis !== -1 && config.axis !== shape.length) throw unsupported(layer, `axis ${config.axis}`);
  const parameter = (weight: string, present: boolean, otherwise: number): string =>
    graph.floats(
      `${layer.name}/${weight}`,
      [channels],
      present ? context.weight(weight, [channels]) : new Float32Array(channels).fill(otherwise),
    );
  const output = graph.node(
    'BatchNormalization',
    [
      name,
      parameter('gamma', config.scale, 1),
      parameter('beta', config.center, 0),
      parameter('moving_mean', true, 0),
      parameter('moving_variance', true, 1),
    ],
    { epsilon: { float: config.epsilon } },
  );
  return { name: output, shape };
};
