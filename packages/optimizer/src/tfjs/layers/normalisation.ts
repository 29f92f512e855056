import * as z from 'zod';
import { configOf, type LayerContext, type LayerConverter, onlyInput, unsupported } from '../layer-context.ts';

const Axis = z
  .union([
    z.int(),
    z
      .array(z.int())
      .length(1)
      .transform(([only = -1]) => only),
  ])
  .default(-1);
const Normalising = z.object({
  axis: Axis,
  epsilon: z.number().default(1e-3),
  center: z.boolean().default(true),
  scale: z.boolean().default(true),
});

export const batchNormalization: LayerConverter = (context) => {
  const { graph, layer } = context;
  const config = configOf(context, Normalising);
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

/** Over the channels of each place. ONNX has it as one operator over the last axes only, and the channels are the second here. */
export const layerNormalization: LayerConverter = (context) => {
  const { graph, layer } = context;
  const config = configOf(context, Normalising.extend({ rms_scaling: z.boolean().default(false) }));
  const { name, shape } = onlyInput(context);
  if (config.axis !== -1 && config.axis !== shape.length) throw unsupported(layer, `axis ${config.axis}`);
  if (config.rms_scaling) throw unsupported(layer, 'rms_scaling');
  const mean = (value: string): string => graph.node('ReduceMean', [value], { axes: [1], keepdims: 1 });
  const centred = graph.node('Sub', [name, mean(name)]);
  const variance = mean(graph.node('Mul', [centred, centred]));
  const deviation = graph.node('Sqrt', [graph.node('Add', [variance, graph.scalar(config.epsilon)])]);
  const parameter = (op: 'Mul' | 'Add', value: string, weight: 'gamma' | 'beta'): string =>
    graph.node(op, [value, channelWeight(context, weight, shape)]);
  const normal = graph.node('Div', [centred, deviation]);
  const scaled = config.scale ? parameter('Mul', normal, 'gamma') : normal;
  return { name: config.center ? parameter('Add', scaled, 'beta') : scaled, shape };
};

/** Of ConvNeXt and its like: a factor for each channel. */
export const layerScale: LayerConverter = (context) => {
  const { name, shape } = onlyInput(context);
  return { name: context.graph.node('Mul', [name, channelWeight(context, 'gamma', shape, 'variable')]), shape };
};

/** A weight with one number a channel, as an operand beside a value of this shape. */
function channelWeight(
  { graph, layer, weight }: LayerContext,
  name: string,
  shape: readonly number[],
  otherwise = name,
): string {
  const channels = shape.at(-1) ?? 0;
  return graph.floats(
    `${layer.name}/${name}`,
    [channels, ...shape.slice(1).map(() => 1)],
    weight(name, [channels], otherwise),
  );
}
