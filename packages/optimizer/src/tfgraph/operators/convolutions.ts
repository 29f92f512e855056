import { windowOf } from '../../onnx/window.ts';
import { type Flow, flowOf, type NodeContext, type OperatorConverter } from '../conversion.ts';
import { activate } from './activations.ts';

/** Of rows and columns: how many there will be, and what is padded before and after. */
export function windows(
  context: NodeContext,
  height: number,
  width: number,
  kernel: readonly number[],
  strides: readonly number[],
) {
  const padding = context.text('padding').toLowerCase();
  if (padding === 'explicit') {
    const [, , top = 0, bottom = 0, left = 0, right = 0] = context.ints('explicit_paddings');
    const size = (whole: number, window: number, stride: number) => Math.floor((whole - window) / stride) + 1;
    return {
      pads: [top, left, bottom, right],
      height: size(height + top + bottom, kernel[0] ?? 1, strides[0] ?? 1),
      width: size(width + left + right, kernel[1] ?? 1, strides[1] ?? 1),
    };
  }
  if (padding !== 'same' && padding !== 'valid') throw context.unsupported(`padding ${padding}`);
  const rows = windowOf(padding, height, kernel[0] ?? 1, strides[0] ?? 1);
  const columns = windowOf(padding, width, kernel[1] ?? 1, strides[1] ?? 1);
  return {
    pads: [rows.pads[0], columns.pads[0], rows.pads[1], columns.pads[1]],
    height: rows.size,
    width: columns.size,
  };
}

export function refuseOtherLayouts(context: NodeContext): void {
  const format = context.text('data_format');
  if (format !== '' && format !== 'NHWC') throw context.unsupported(`data_format ${format}`);
}

/** `[height, width, in, out]` as `[out, in, height, width]`. */
function transposed(
  values: ArrayLike<number>,
  [height, width, inner, outer]: readonly [number, number, number, number],
): Float32Array {
  const result = new Float32Array(values.length);
  let at = 0;
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      for (let i = 0; i < inner; i += 1)
        for (let o = 0; o < outer; o += 1) result[((o * inner + i) * height + y) * width + x] = values[at++] ?? 0;
  return result;
}

const convolution =
  (isDepthwise: boolean): OperatorConverter =>
  (context) => {
    refuseOtherLayouts(context);
    const { graph } = context;
    const { name, batch, height, width, channels } = context.pictures();
    const kernel = context.constant(1);
    const [y = 1, x = 1, inner = 1, last = 1] = kernel.dims;
    const outer = isDepthwise ? inner * last : last;
    const each = isDepthwise ? 1 : inner;
    const group = channels / each;
    if (
      kernel.dims.length !== 4 ||
      !Number.isInteger(group) ||
      (isDepthwise && inner !== channels) ||
      outer % group !== 0
    )
      throw context.invalid(`a kernel of [${kernel.dims}] for ${channels} channels`);
    const { apart } = context.flow();
    const own = { strides: spatial(context.ints('strides')), dilations: spatial(context.ints('dilations')) };
    const isPlain = context.text('padding') === 'VALID' && [own.strides, own.dilations].flat().every((by) => by === 1);
    if (apart && !isPlain)
      throw context.unsupported('of pictures that were cut up, with padding, strides or dilations');
    const dilations = apart ?? own.dilations;
    const reach = [(y - 1) * (dilations[0] ?? 1) + 1, (x - 1) * (dilations[1] ?? 1) + 1];
    const { pads, ...size } = windows(context, height, width, reach, own.strides);
    const weights = context.floats('kernel', [outer, each, y, x], transposed(kernel.values, [y, x, each, outer]));
    const output = graph.node('Conv', [name, weights], {
      group,
      kernel_shape: [y, x],
      strides: own.strides,
      dilations,
      pads,
    });
    const made = fused(context, output, [batch, size.height, size.width, outer]);
    return apart ? { ...made, apart } : made;
  };

const spatial = (list: readonly number[]): number[] => (list.length === 4 ? [list[1] ?? 1, list[2] ?? 1] : [1, 1]);

/** What a fused operator does after its own work, in turn; each takes the inputs that it needs. */
function fused(context: NodeContext, start: string, shape: readonly number[]): Flow {
  let name = start;
  let input = 2;
  for (const op of (context.node.attr.fused_ops?.list?.s ?? []).map((bytes) => Buffer.from(bytes).toString('utf8'))) {
    if (op === 'BiasAdd') name = context.graph.node('Add', [name, context.operand(input++, shape.length).name]);
    else if (op === 'FusedBatchNorm') {
      name = normalised(context, name, input);
      input += 4;
    } else name = activate(context, name, op, shape.length, op === 'Prelu' ? input++ : undefined);
  }
  return flowOf(name, shape);
}

/** Scale, offset, mean and variance stand at `first`. An empty scale is 1. */
function normalised(context: NodeContext, name: string, first: number): string {
  const parameters = ['scale', 'offset', 'mean', 'variance'].map((what, n) => {
    const { values } = context.constant(first + n);
    return context.floats(what, [values.length], values);
  });
  return context.graph.node('BatchNormalization', [name, ...parameters], {
    epsilon: { float: context.float('epsilon', 1e-4) },
  });
}

const batchNorm: OperatorConverter = (context) => {
  refuseOtherLayouts(context);
  if (context.flag('is_training')) throw context.unsupported('statistics of the batch');
  const { shape } = context.flow();
  return flowOf(normalised(context, context.pictures().name, 1), shape);
};

const matMul: OperatorConverter = (context) => {
  const { name, shape } = context.flow();
  const { dims, values } = context.constant(1);
  const [rows = 1, columns = 1] = dims;
  const isTransposed = context.flag('transpose_b') || context.flag('adj_y');
  const [inner, outer] = isTransposed ? [columns, rows] : [rows, columns];
  if (context.flag('transpose_a') || shape.length !== 2 || dims.length !== 2 || shape[1] !== inner)
    throw context.unsupported(`[${shape}] by [${dims}]`);
  const weights = context.floats('kernel', dims, values);
  const output = context.graph.node('Gemm', [name, weights], isTransposed ? { transB: 1 } : {});
  return fused(context, output, [shape[0] ?? -1, outer]);
};

export const convolutions: Readonly<Record<string, OperatorConverter>> = {
  BatchMatMul: matMul,
  BatchMatMulV2: matMul,
  Conv2D: convolution(false),
  DepthwiseConv2dNative: convolution(true),
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
  FusedDepthwiseConv2dNative: convolution(true),
  MatMul: matMul,
  _FusedConv2D: convolution(false),
  _FusedMatMul: matMul,
};
