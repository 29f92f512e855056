import { elementCount } from '../../../onnx/tensor.ts';
import type { NodeContext, OperatorConverter } from '../conversion.ts';
import type { WeightScales } from '../steps.ts';
import { type Constant, type Flow, permuted, usualOrder } from '../value.ts';
import { type Pair, type Windows, windowsOf } from '../windows.ts';

/**
 * Scales of weights as signed bytes around 0, one an output channel, along `axis`; none where the weights are no bytes. A channel keeps its
 * own scale, and so its weights to the bit, where these are whole multiples of it within a signed byte.
 */
function scalesOf({ dims, values, quantised }: Constant, axis: number): WeightScales | undefined {
  if (!quantised || (quantised.scales.length > 1 && quantised.axis !== axis)) return undefined;
  const { scales } = quantised;
  const inner = elementCount(dims.slice(axis + 1));
  const [lowest, highest] = [new Float32Array(dims[axis] ?? 0), new Float32Array(dims[axis] ?? 0)];
  for (let at = 0; at < values.length; at += 1) {
    const channel = Math.floor(at / inner) % lowest.length;
    lowest[channel] = Math.min(lowest[channel] ?? 0, values[at] ?? 0);
    highest[channel] = Math.max(highest[channel] ?? 0, values[at] ?? 0);
  }
  return Array.from(highest, (high, channel) => {
    const own = scales[scales.length === 1 ? 0 : channel] ?? 1;
    const low = lowest[channel] ?? 0;
    return Math.round(low / own) >= -128 && Math.round(high / own) <= 127 ? own : Math.max(high, -low) / 127;
  });
}

/** A bias of one number a channel. */
function biasOf(context: NodeContext, channels: number): Float32Array | undefined {
  if (!context.inputs[2]) return undefined;
  const { values } = context.constant(2);
  if (values.length !== channels) throw context.unsupported(`${values.length} biases for ${channels} channels`);
  return Float32Array.from(values);
}

/** Padding that TensorFlow has no name for becomes a step of its own. */
export function padded(context: NodeContext, flow: Flow, windows: Windows, value = 0): Flow {
  if (windows.padding !== undefined) return flow;
  const { before, after } = windows;
  const [batch = -1, channels = 0, height = 0, width = 0] = flow.shape;
  const amounts: Pair[] = [
    [0, 0],
    [before[0], after[0]],
    [before[1], after[1]],
    [0, 0],
  ];
  const shape = [batch, channels, height + before[0] + after[0], width + before[1] + after[1]];
  return context.step({ op: 'pad', input: flow.name, amounts, value }, shape, usualOrder(4), 'padded');
}

const conv: OperatorConverter = (context) => {
  const pictures = context.pictures();
  const weights = context.constant(1);
  const [outputs = 0, inner = 0, height = 1, width = 1] = weights.dims;
  const group = context.int('group', 1);
  if (weights.dims.length !== 4 || inner * group !== pictures.channels)
    throw context.unsupported(`weights of the shape [${weights.dims}] for ${pictures.channels} channels`);
  const isDepthwise = group > 1;
  if (isDepthwise && inner !== 1) throw context.unsupported(`${group} groups of ${inner} channels`);
  const [down = 1, across = 1] = context.ints('dilations') ?? [];
  const windows = windowsOf(context, pictures.size, [(height - 1) * down + 1, (width - 1) * across + 1]);
  if (isDepthwise && windows.strides[0] !== windows.strides[1])
    throw context.unsupported(`channels that stay apart, with strides ${windows.strides}`);
  const source = padded(context, pictures, windows);
  const kernel = isDepthwise
    ? { ...permuted(weights, [2, 3, 0, 1]), dims: [height, width, group, outputs / group] }
    : permuted(weights, [2, 3, 1, 0]);
  return context.step(
    {
      op: isDepthwise ? 'depthwise-conv' : 'conv',
      input: source.name,
      weights: kernel,
      scales: scalesOf(weights, 0),
      bias: biasOf(context, outputs),
      strides: windows.strides,
      dilations: [down, across],
      padding: windows.padding ?? 'valid',
    },
    [pictures.shape[0] ?? -1, outputs, ...windows.out],
    usualOrder(4),
  );
};

/** Rows by a matrix `[in, out]`. */
function dense(
  context: NodeContext,
  input: Flow,
  weights: Constant,
  bias: Float32Array | undefined,
  isTransposed: boolean,
): Flow {
  const stored = isTransposed ? permuted(weights, [1, 0]) : permuted(weights, [0, 1]);
  const [inner = 0, outer = 0] = stored.dims;
  if (weights.dims.length !== 2 || input.shape.length !== 2 || input.shape[1] !== inner)
    throw context.unsupported(`[${input.shape}] by [${stored.dims}]`);
  const source = context.arranged(input, usualOrder(2));
  const scales = scalesOf(weights, isTransposed ? 0 : 1);
  return context.step(
    { op: 'dense', input: source.name, weights: stored, scales, bias },
    [input.shape[0] ?? -1, outer],
    usualOrder(2),
  );
}

const gemm: OperatorConverter = (context) => {
  const [alpha, beta] = [context.float('alpha', 1), context.float('beta', 1)];
  if (context.int('transA', 0) === 1) throw context.unsupported('transA');
  const weights = context.constant(1);
  const isTransposed = context.int('transB', 0) === 1;
  const outer = weights.dims[isTransposed ? 0 : 1] ?? 0;
  const added = context.inputs[2] && context.constant(2);
  if (added && added.values.length !== 1 && added.values.length !== outer)
    throw context.unsupported(`[${added.dims}] is added`);
  const bias =
    added &&
    Float32Array.from({ length: outer }, (_, at) => beta * (added.values[added.values.length === 1 ? 0 : at] ?? 0));
  const scaled = alpha === 1 ? weights : timesConstant(weights, alpha);
  return dense(context, context.flow(), scaled, bias, isTransposed);
};

const timesConstant = ({ dims, values }: Constant, factor: number): Constant => ({
  kind: 'constant',
  dims,
  values: Float32Array.from(values, (value) => value * factor),
});

/** Rows of more axes become rows of two, and take their shape again. */
const matMul: OperatorConverter = (context) => {
  const [input, weights] = [context.flow(), context.constant(1)];
  const [inner = 0, outer = 0] = weights.dims;
  if (input.shape.length <= 2 || input.shape.at(-1) !== inner || weights.dims.length !== 2)
    return dense(context, input, weights, undefined, false);
  const product = dense(context, context.reshaped(input, [-1, inner]), weights, undefined, false);
  return context.reshaped(product, [...input.shape.slice(0, -1), outer]);
};

/** `x * gamma / sqrt(variance + epsilon)`, and what is left added. */
const batchNormalization: OperatorConverter = (context) => {
  if (context.int('training_mode', 0) === 1) throw context.unsupported('statistics of the batch');
  const input = context.flow();
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((n) => context.constant(n).values);
  if (!gamma || !beta || !mean || !variance || elementCount([gamma.length]) !== input.shape[1])
    throw context.unsupported(`${gamma?.length} channels of [${input.shape}]`);
  const epsilon = context.float('epsilon', 1e-5);
  const factors = Array.from(gamma, (value, c) => value / Math.sqrt((variance[c] ?? 0) + epsilon));
  const shifts = factors.map((factor, c) => (beta[c] ?? 0) - (mean[c] ?? 0) * factor);
  const { shape, order } = input;
  const scaled = context.step(
    { op: 'mul', inputs: [input.name, context.along(factors, 1, input)] },
    shape,
    order,
    'scaled',
  );
  return context.step({ op: 'add', inputs: [scaled.name, context.along(shifts, 1, input)] }, shape, order);
};

export const convolutions: Readonly<Record<string, OperatorConverter>> = {
  BatchNormalization: batchNormalization,
  Conv: conv,
  Gemm: gemm,
  MatMul: matMul,
};
