import { windowOf } from '../../onnx/window.ts';
import type { Value } from '../conversion.ts';
import { type Kernel, ownScales, writeKernel } from '../kernel.ts';
import type { Constant, OperatorContext, OperatorConverter } from '../operator-context.ts';
import { activate } from './activations.ts';

/** `Padding`: SAME is 0. */
export const paddingMode = (context: OperatorContext, code: number): 'same' | 'valid' => {
  if (code > 1) throw context.unsupported(`padding ${code}`);
  return code === 0 ? 'same' : 'valid';
};

/** A size of a window, a stride or a dilation. */
export function positive(context: OperatorContext, what: string, size: number): number {
  if (size < 1) throw context.invalid(`${what} ${size}`);
  return size;
}

/** Where the options of both kinds of convolution have the fields in which they differ. */
interface Fields {
  readonly activation: number;
  readonly dilation: number;
}

/** TFLite keeps `[a, height, width, b]`; ONNX wants what is last, or first, in front. Weights come as real numbers. */
function rearranged(
  { values, shape }: Constant,
  perm: readonly [number, number, number, number],
): { values: Float32Array; dims: [number, number, number, number] } {
  const dims = perm.map((axis) => shape[axis] ?? 1) as [number, number, number, number];
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const [one = 0, two = 0, three = 0, four = 0] = perm.map((axis) => strides[axis] ?? 0);
  const result = new Float32Array(values.length);
  let at = 0;
  for (let a = 0; a < dims[0]; a += 1)
    for (let b = 0; b < dims[1]; b += 1)
      for (let c = 0; c < dims[2]; c += 1)
        for (let d = 0; d < dims[3]; d += 1) result[at++] = values[a * one + b * two + c * three + d * four] ?? 0;
  return { values: result, dims };
}

function weightsOf(context: OperatorContext): Constant {
  const weights = context.constant(1);
  if (!weights) throw context.unsupported('weights that are not constant');
  if (weights.shape.length !== 4) throw context.invalid(`weights of shape [${weights.shape}]`);
  return weights;
}

/** A bias of one number a channel. */
export function biasOf(context: OperatorContext, channels: number): Float32Array | undefined {
  if (!context.input(2)) return undefined;
  const bias = context.constant(2);
  if (!bias) throw context.unsupported('a bias that is not constant');
  if (bias.values.length !== channels) throw context.invalid(`${bias.values.length} biases for ${channels} channels`);
  return bias.values;
}

function convolve(context: OperatorContext, kernel: Kernel, group: number, fields: Fields): Value {
  const { options, graph } = context;
  const { name, height, width } = context.pictures();
  const mode = paddingMode(context, options.uint8(0));
  const [across, down] = [1, 2].map((field) => positive(context, 'stride', options.int32(field))) as [number, number];
  const [batch = 1] = context.value().shape;
  const { apart } = context.value();
  const [ownX, ownY] = [fields.dilation, fields.dilation + 1].map((field) =>
    positive(context, 'dilation', options.int32(field, 1)),
  ) as [number, number];
  if (apart && (mode !== 'valid' || [down, across, ownY, ownX].some((by) => by !== 1)))
    throw context.unsupported('of pictures that were cut up, with padding, strides or dilations');
  const [dilateY, dilateX] = apart ?? [ownY, ownX];
  const [channels = 0, , kernelHeight = 0, kernelWidth = 0] = kernel.dims;
  const rows = windowOf(mode, height, (kernelHeight - 1) * dilateY + 1, down);
  const columns = windowOf(mode, width, (kernelWidth - 1) * dilateX + 1, across);
  const output = graph.node('Conv', [name, ...writeKernel(context, kernel)], {
    group,
    kernel_shape: [kernelHeight, kernelWidth],
    strides: [down, across],
    dilations: [dilateY, dilateX],
    pads: [rows.pads[0], columns.pads[0], rows.pads[1], columns.pads[1]],
  });
  const activated = activate(context, output, options.uint8(fields.activation));
  return { name: activated, shape: [batch, rows.size, columns.size, channels], apart };
}

/** Weights `[outputs, height, width, inputs of a group]`. */
const conv2d: OperatorConverter = (context) => {
  const weights = weightsOf(context);
  const [outputs = 0, , , inputs = 0] = weights.shape;
  const { channels } = context.pictures();
  const group = channels / inputs;
  if (!Number.isInteger(group) || outputs % group !== 0)
    throw context.invalid(`weights of shape [${weights.shape}] for ${channels} channels`);
  const kernel = {
    ...rearranged(weights, [0, 3, 1, 2]),
    bias: biasOf(context, outputs),
    scales: ownScales(weights, 0, outputs),
  };
  return convolve(context, kernel, group, { activation: 3, dilation: 4 });
};

/** Weights `[1, height, width, outputs]`; the outputs of each input channel stand together, as in ONNX. */
const depthwiseConv2d: OperatorConverter = (context) => {
  const weights = weightsOf(context);
  const [one, , , outputs = 0] = weights.shape;
  const { channels } = context.pictures();
  if (one !== 1 || outputs % channels !== 0)
    throw context.invalid(`weights of shape [${weights.shape}] for ${channels} channels`);
  const kernel = {
    ...rearranged(weights, [3, 0, 1, 2]),
    bias: biasOf(context, outputs),
    scales: ownScales(weights, 3, outputs),
  };
  return convolve(context, kernel, channels, { activation: 4, dilation: 5 });
};

export const convolutions: Readonly<Record<string, OperatorConverter>> = {
  CONV_2D: conv2d,
  DEPTHWISE_CONV_2D: depthwiseConv2d,
};
