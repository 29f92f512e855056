import { encodeModel } from '../../src/onnx/codec.ts';
import { DataType, type DataTypeName } from '../../src/onnx/data-types.ts';
import { GraphBuilder } from '../../src/onnx/graph-builder.ts';
import type { ModelMessage } from '../../src/onnx/messages.ts';
import { floatTensor } from '../../src/onnx/tensor.ts';

export const size = 24;
export const classes = 5;

/** Numbers in -0.5 to 0.5, the same every time. */
export function numbers(count: number, seed: number): Float32Array {
  let state = seed * 7919 + 17;
  return Float32Array.from({ length: count }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648 - 0.5;
  });
}

export interface SmallModel {
  opset?: number;
  layout?: 'nchw' | 'nhwc';
  batch?: number | 'batch';
  type?: DataTypeName;
  padding?: number;
  channels?: 1 | 3;
  /** Nodes between the input and the first convolution, on NCHW values. */
  front?: (graph: GraphBuilder, value: string) => string;
  /** From what the last convolution makes to `[batch, 8]`; without it GlobalAveragePool and Flatten. */
  pool?: (graph: GraphBuilder, value: string) => string;
  /** From `[batch, 8]` features; without it a dense layer gives logits. */
  head?: (graph: GraphBuilder, features: string) => string;
  outputDims?: readonly (number | string)[];
}

/** Convolution, batch norm, ReLU, average, dense: a classifier of a picture of 24 pixels. */
export function smallModel({
  opset = 13,
  layout = 'nchw',
  batch = 'batch',
  type = 'float32',
  padding = 1,
  channels = 3,
  front,
  pool = (graph, value) => graph.node('Flatten', [graph.node('GlobalAveragePool', [value])], { axis: 1 }),
  head,
  outputDims,
}: SmallModel = {}): ModelMessage {
  const graph = new GraphBuilder('small', opset);
  const floats = (name: string, dims: readonly number[], values: ArrayLike<number>): string =>
    graph.tensor(floatTensor(name, dims, values, type === 'float16' ? DataType.float16 : DataType.float32));
  let value = graph.input(
    'data',
    type,
    layout === 'nchw' ? [batch, channels, size, size] : [batch, size, size, channels],
  );
  if (layout === 'nhwc') value = graph.node('Transpose', [value], { perm: [0, 3, 1, 2] });
  if (type !== 'float32' && type !== 'float16') value = graph.node('Cast', [value], { to: DataType.float32 });
  if (front) value = front(graph, value);
  value = graph.node(
    'Conv',
    [value, floats('w', [8, channels, 3, 3], numbers(72 * channels, 1)), floats('b', [8], numbers(8, 2))],
    {
      kernel_shape: [3, 3],
      strides: [2, 2],
      pads: [padding, padding, padding, padding],
    },
  );
  const variance = numbers(8, 6).map((number) => number + 0.6);
  value = graph.node('BatchNormalization', [
    value,
    floats('g', [8], numbers(8, 3)),
    floats('be', [8], numbers(8, 4)),
    floats('m', [8], numbers(8, 5)),
    floats('v', [8], variance),
  ]);
  value = graph.node('Relu', [value]);
  value = pool(graph, value);
  value = head
    ? head(graph, value)
    : graph.node('Gemm', [
        value,
        floats(
          'dense',
          [8, classes],
          numbers(8 * classes, 8).map((number) => number * 4),
        ),
        floats('bias', [classes], numbers(classes, 9)),
      ]);
  graph.output(value, type === 'float16' ? 'float16' : 'float32', outputDims ?? [batch, classes]);
  return graph.model();
}

/** The dense layer that `head` replaces. */
export const dense = (graph: GraphBuilder, features: string, count = classes): string =>
  graph.node('Gemm', [
    features,
    graph.floats(
      'dense',
      [8, count],
      numbers(8 * count, 8).map((number) => number * 4),
    ),
  ]);

export const labels = ['a', 'b', 'c', 'd', 'e'];
export const fileOf = (model: ModelMessage): Uint8Array => encodeModel(model);

export const softmax = (logits: ArrayLike<number>): number[] => {
  const powers = Array.from(logits, (logit) => Math.exp(logit - Math.max(...Array.from(logits))));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
};
