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
};

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
  const { alpha } = configOf(context, z.object({ alpha: z.number().default(0.3) }));
  return withInputShape(
    context,
    context.graph.node('LeakyRelu', [onlyInput(context).name], { alpha: { float: alpha } }),
  );
};

/** Does nothing outside training. */
export const passOn: LayerConverter = (context) => onlyInput(context);

export const rescaling: LayerConverter = (context) => {
  const { scale, offset } = configOf(context, z.object({ scale: z.number(), offset: z.number().default(0) }));
  const { graph, layer } = context;
  const scaled = graph.node('Mul', [onlyInput(context).name, graph.floats(`${layer.name}_scale`, [], [scale])]);
  return withInputShape(context, graph.node('Add', [scaled, graph.floats(`${layer.name}_offset`, [], [offset])]));
};
