import * as z from 'zod';
import type { GraphBuilder } from '../../onnx/graph-builder.ts';
import {
  configOf,
  type LayerContext,
  type LayerConverter,
  onlyInput,
  unsupported,
  type Value,
} from '../layer-context.ts';

const clip = (graph: GraphBuilder, value: string, low: number, high: number): string =>
  graph.node('Clip', [value, graph.floats(`${value}_low`, [], [low]), graph.floats(`${value}_high`, [], [high])]);

/** Keras' activations by their names. The channel axis is 1 for pictures and vectors alike. */
const activations: Readonly<Record<string, (graph: GraphBuilder, value: string) => string>> = {
  linear: (_, value) => value,
  relu: (graph, value) => graph.node('Relu', [value]),
  relu6: (graph, value) => clip(graph, value, 0, 6),
  softmax: (graph, value) => graph.node('Softmax', [value], { axis: 1 }),
  sigmoid: (graph, value) => graph.node('Sigmoid', [value]),
  tanh: (graph, value) => graph.node('Tanh', [value]),
  elu: (graph, value) => graph.node('Elu', [value]),
  swish: (graph, value) => graph.node('Mul', [value, graph.node('Sigmoid', [value])]),
  silu: (graph, value) => graph.node('Mul', [value, graph.node('Sigmoid', [value])]),
  hard_sigmoid: (graph, value) => graph.node('HardSigmoid', [value], { alpha: { float: 0.2 }, beta: { float: 0.5 } }),
  // What Keras 3 calls hard_sigmoid.
  hard_sigmoid_of_6: (graph, value) => hardSigmoidOf6(graph, value),
  hard_silu: (graph, value) => graph.node('Mul', [value, hardSigmoidOf6(graph, value)]),
  hard_swish: (graph, value) => graph.node('Mul', [value, hardSigmoidOf6(graph, value)]),
  gelu: (graph, value) => {
    const root = graph.floats(`${value}_root`, [], [Math.SQRT2]);
    const [one, half] = [graph.floats(`${value}_one`, [], [1]), graph.floats(`${value}_half`, [], [0.5])];
    const spread = graph.node('Add', [graph.node('Erf', [graph.node('Div', [value, root])]), one]);
    return graph.node('Mul', [graph.node('Mul', [value, spread]), half]);
  },
  selu: (graph, value) => graph.node('Selu', [value]),
  softplus: (graph, value) => graph.node('Softplus', [value]),
  softsign: (graph, value) => graph.node('Softsign', [value]),
  exponential: (graph, value) => graph.node('Exp', [value]),
  leaky_relu: (graph, value) => graph.node('LeakyRelu', [value], { alpha: { float: 0.2 } }),
};

function hardSigmoidOf6(graph: GraphBuilder, value: string): string {
  return graph.node('HardSigmoid', [value], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
}

/** Adds an activation; `undefined` is none. @throws {RookeryError} MODEL_OPERATOR_UNSUPPORTED */
export function activate({ graph, layer }: LayerContext, value: string, name: unknown): string {
  if (name === undefined || name === null) return value;
  const add = typeof name === 'string' && Object.hasOwn(activations, name) ? activations[name] : undefined;
  if (!add) throw unsupported(layer, `activation ${JSON.stringify(name)}`);
  return add(graph, value);
}

const withInputShape = (context: LayerContext, name: string): Value => ({ name, shape: onlyInput(context).shape });

export const activation: LayerConverter = (context) => {
  const config = configOf(context, z.object({ activation: z.string() }));
  return withInputShape(context, activate(context, onlyInput(context).name, config.activation));
};

export const softmax: LayerConverter = (context) => {
  const { axis } = configOf(context, z.object({ axis: z.int().default(-1) }));
  const input = onlyInput(context);
  if (axis !== -1 && axis !== input.shape.length) throw unsupported(context.layer, `axis ${axis}`);
  return withInputShape(context, activate(context, input.name, 'softmax'));
};

const nothing = z.number().nullish();

export const relu: LayerConverter = (context) => {
  const { max_value, negative_slope, threshold } = configOf(
    context,
    z.object({ max_value: nothing, negative_slope: nothing, threshold: nothing }),
  );
  const input = onlyInput(context).name;
  if (threshold) throw unsupported(context.layer, `threshold ${threshold}`);
  if (negative_slope) {
    if (typeof max_value === 'number') throw unsupported(context.layer, 'negative_slope and max_value together');
    return withInputShape(context, context.graph.node('LeakyRelu', [input], { alpha: { float: negative_slope } }));
  }
  return withInputShape(
    context,
    typeof max_value === 'number' ? clip(context.graph, input, 0, max_value) : activate(context, input, 'relu'),
  );
};

export const leakyRelu: LayerConverter = (context) => {
  const config = configOf(context, z.object({ alpha: z.number().optional(), negative_slope: z.number().optional() }));
  const alpha = config.negative_slope ?? config.alpha ?? 0.3;
  return withInputShape(
    context,
    context.graph.node('LeakyRelu', [onlyInput(context).name], { alpha: { float: alpha } }),
  );
};

export const elu: LayerConverter = (context) => {
  const { alpha } = configOf(context, z.object({ alpha: z.number().default(1) }));
  return withInputShape(context, context.graph.node('Elu', [onlyInput(context).name], { alpha: { float: alpha } }));
};

/** Its slopes are those of each place and channel, or shared by places. */
export const prelu: LayerConverter = (context) => {
  const { graph, layer } = context;
  const { shape, values } = context.anyWeight('alpha');
  const [height = 1, width = 1, channels = 1] = shape;
  const slopes = graph.floats(`${layer.name}_alpha`, shape, values);
  if (shape.length === 1) return withInputShape(context, graph.node('PRelu', [onlyInput(context).name, slopes]));
  if (shape.length !== 3) throw unsupported(layer, `alpha of shape [${shape}]`);
  const ordered = new Float32Array(values.length);
  for (let at = 0; at < ordered.length; at += 1)
    ordered[(at % channels) * height * width + Math.floor(at / channels)] = values[at] ?? 0;
  const inner = graph.floats(`${layer.name}_slopes`, [channels, height, width], ordered);
  return withInputShape(context, graph.node('PRelu', [onlyInput(context).name, inner]));
};

/** Does nothing outside training. */
export const passOn: LayerConverter = (context) => onlyInput(context);

const Numbers = z.union([z.number(), z.array(z.number()).min(1)]);

/** One number, or one a channel: of a vector, or of pictures, whose channels stand before height and width. */
function perChannel(context: LayerContext, name: string, numbers: number | readonly number[]): string {
  const { graph, layer } = context;
  if (typeof numbers === 'number') return graph.floats(`${layer.name}_${name}`, [], [numbers]);
  const { shape } = onlyInput(context);
  if (numbers.length !== 1 && numbers.length !== shape.at(-1))
    throw unsupported(layer, `${numbers.length} numbers for ${shape.at(-1)} channels`);
  return graph.floats(`${layer.name}_${name}`, [numbers.length, ...shape.slice(1).map(() => 1)], numbers);
}

export const rescaling: LayerConverter = (context) => {
  const { scale, offset } = configOf(context, z.object({ scale: Numbers, offset: Numbers.default(0) }));
  const { graph } = context;
  const scaled = graph.node('Mul', [onlyInput(context).name, perChannel(context, 'scale', scale)]);
  return withInputShape(context, graph.node('Add', [scaled, perChannel(context, 'offset', offset)]));
};

/** What Keras divides by where a channel does not vary. */
const leastDeviation = 1e-7;

/** By what it was adapted to, or was given. */
export const normalization: LayerConverter = (context) => {
  const given = z.union([z.number(), z.array(z.unknown())]).nullish();
  const config = configOf(context, z.object({ mean: given, variance: given, invert: z.boolean().default(false) }));
  if (config.invert) throw unsupported(context.layer, 'invert');
  const numbers = (name: 'mean' | 'variance'): number[] => {
    const own = config[name];
    if (typeof own === 'number') return [own];
    return own ? (own.flat(4) as unknown[]).map(Number) : [...context.anyWeight(name).values];
  };
  const deviations = numbers('variance').map((variance) => Math.max(Math.sqrt(variance), leastDeviation));
  const { graph } = context;
  const centred = graph.node('Sub', [onlyInput(context).name, perChannel(context, 'mean', numbers('mean'))]);
  return withInputShape(context, graph.node('Div', [centred, perChannel(context, 'deviation', deviations)]));
};
