import { encodeModel } from '../../src/onnx/codec.ts';
import { DataType } from '../../src/onnx/data-types.ts';
import { GraphBuilder, makeNode } from '../../src/onnx/graph-builder.ts';
import { floatTensor } from '../../src/onnx/tensor.ts';
import { numbers } from './small-models.ts';

/** What each case begins with: four channels of about -2 to 2. */
export const caseSize = { channels: 4, height: 9, width: 10 };
const { channels, height, width } = caseSize;

export interface ExportCase {
  /** Writes what stands between the channels and the scores; gives a row a picture, or pictures, which are flattened. */
  readonly write: (graph: GraphBuilder, value: string) => string;
  /** Numbers a picture. */
  readonly scores: number;
  readonly opset?: number;
  readonly input?: 'uint8' | 'float32';
}

const of = (scores: number, write: ExportCase['write'], more: Partial<ExportCase> = {}): ExportCase => ({
  write,
  scores,
  ...more,
});
/** As many channels, rows and columns as before. */
const alike = (write: ExportCase['write'], more?: Partial<ExportCase>): ExportCase =>
  of(channels * height * width, write, more);
type Attributes = Parameters<GraphBuilder['node']>[2];
const unary = (op: string, attributes: Attributes = {}, more?: Partial<ExportCase>): ExportCase =>
  alike((graph, value) => graph.node(op, [value], attributes), more);

const floats = (graph: GraphBuilder, name: string, dims: readonly number[], seed = 5): string =>
  graph.floats(
    name,
    dims,
    numbers(
      dims.reduce((product, size) => product * size, 1),
      seed,
    ),
  );
const conv =
  (outputs: number, group: number, kernel: readonly [number, number], attributes: Attributes): ExportCase['write'] =>
  (graph, value) =>
    graph.node(
      'Conv',
      [value, floats(graph, 'weights', [outputs, channels / group, ...kernel]), floats(graph, 'bias', [outputs], 6)],
      { group, kernel_shape: kernel, ...attributes },
    );
const pool = (op: string, attributes: Attributes): ExportCase['write'] => {
  return (graph, value) => graph.node(op, [value], attributes);
};
const withConstant = (op: string, dims: readonly number[], first = false): ExportCase =>
  alike((graph, value) => {
    const constant = graph.floats(
      'constant',
      dims,
      numbers(
        dims.reduce((product, size) => product * size, 1),
        7,
      ).map((each) => each + 1.25),
    );
    return graph.node(op, first ? [constant, value] : [value, constant]);
  });
const scalar = (graph: GraphBuilder, name: string, value: number): string => graph.floats(name, [], [value]);
const flat = (graph: GraphBuilder, value: string): string => graph.node('Flatten', [value], { axis: 1 });
const pooled = (graph: GraphBuilder, value: string): string => graph.node('GlobalAveragePool', [value]);

/** Signed bytes around 0 with one scale, or one for each of the first axis. */
function byteWeights(graph: GraphBuilder, dims: readonly number[], scales: readonly number[]): string {
  const count = dims.reduce((product, size) => product * size, 1);
  const bytes = (name: string, shape: readonly number[], values: Int8Array): string =>
    graph.tensor({ name, dims: [...shape], dataType: DataType.int8, rawData: new Uint8Array(values.buffer) });
  const codes = Int8Array.from(numbers(count, 11), (value) => Math.round(value * 250));
  const own = scales.length === 1 ? [] : [scales.length];
  const zeros = bytes('zeros', own, new Int8Array(scales.length));
  return graph.node('DequantizeLinear', [bytes('codes', dims, codes), graph.floats('scales', own, scales), zeros], {
    axis: 0,
  });
}

/** By what they check. */
export const exportCases: Readonly<Record<string, ExportCase>> = {
  'convolution, as TensorFlow pads': of(3 * 5 * 5, conv(3, 1, [3, 3], { strides: [2, 2], pads: [1, 0, 1, 1] })),
  'convolution without padding': of(3 * 4 * 8, conv(3, 1, [3, 3], { strides: [2, 1] })),
  'convolution, padded by its own measure': of(3 * 6 * 5, conv(3, 1, [3, 3], { strides: [2, 2], pads: [2, 1, 2, 0] })),
  'convolution, padded as PyTorch does': of(3 * 5 * 5, conv(3, 1, [3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] })),
  'convolution with gaps': of(3 * 5 * 6, conv(3, 1, [3, 3], { dilations: [2, 2] })),
  'convolution of one pixel': of(6 * 9 * 10, conv(6, 1, [1, 1], {})),
  'convolution that pads by itself': of(3 * 5 * 5, conv(3, 1, [2, 3], { strides: [2, 2], auto_pad: 'SAME_UPPER' })),
  'convolution that pads by itself at the start': of(
    3 * 5 * 5,
    conv(3, 1, [2, 2], { strides: [2, 2], auto_pad: 'SAME_LOWER' }),
  ),
  'channels apart': alike(conv(channels, channels, [3, 3], { pads: [1, 1, 1, 1] })),
  'channels apart, padded as PyTorch does': of(
    4 * 5 * 5,
    conv(channels, channels, [3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] }),
  ),
  'channels apart, several of each': of(8 * 4 * 4, conv(8, channels, [3, 3], { strides: [2, 2] })),
  'channels apart with gaps': of(4 * 5 * 6, conv(4, channels, [3, 3], { dilations: [2, 2] })),
  'batch norm': alike((graph, value) => {
    const variance = graph.floats('variance', [channels], [0.4, 0.7, 1.1, 2]);
    const [scale, shift, mean] = ['scale', 'shift', 'mean'].map((name, n) => floats(graph, name, [channels], n + 1));
    return graph.node('BatchNormalization', [value, scale ?? '', shift ?? '', mean ?? '', variance]);
  }),
  abs: unary('Abs'),
  elu: unary('Elu'),
  'elu of another steepness': unary('Elu', { alpha: { float: 0.7 } }),
  'root of the square, its own reciprocal': alike((graph, value) => {
    const square = graph.node('Pow', [value, graph.floats('two', [], [2])]);
    const away = graph.node('Add', [square, graph.floats('little', [], [0.1])]);
    return graph.node('Reciprocal', [graph.node('Pow', [away, graph.floats('half', [], [0.5])])]);
  }),
  cube: alike((graph, value) => graph.node('Pow', [value, graph.floats('three', [], [3])])),
  'product of a picture and a matrix': of(5 * height * width, (graph, value) => {
    const last = graph.node('Transpose', [value], { perm: [0, 2, 3, 1] });
    return graph.node('MatMul', [last, floats(graph, 'matrix', [channels, 5])]);
  }),
  exp: unary('Exp'),
  floor: unary('Floor'),
  'hard sigmoid': unary('HardSigmoid'),
  'hard sigmoid of sixths': unary('HardSigmoid', { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }),
  'hard swish': unary('HardSwish', {}, { opset: 14 }),
  'leaky ReLU': unary('LeakyRelu', { alpha: { float: 0.3 } }),
  neg: unary('Neg'),
  ReLU: unary('Relu'),
  sigmoid: unary('Sigmoid'),
  tanh: unary('Tanh'),
  identity: unary('Identity'),
  'ReLU6 after a convolution': of(3 * 7 * 8, (graph, value) =>
    graph.node('Clip', [conv(3, 1, [3, 3], {})(graph, value), scalar(graph, 'low', 0), scalar(graph, 'high', 6)]),
  ),
  'clipped to other bounds': alike((graph, value) =>
    graph.node('Clip', [value, scalar(graph, 'low', -0.5), scalar(graph, 'high', 0.75)]),
  ),
  'clipped from below': alike((graph, value) => graph.node('Clip', [value, scalar(graph, 'low', -0.25)])),
  'clipped by attributes': unary('Clip', { min: { float: -1 }, max: { float: 1 } }, { opset: 10 }),
  'a slope for each channel': withConstant('PRelu', [channels, 1, 1]),
  'square root and logarithm': alike((graph, value) =>
    graph.node('Log', [graph.node('Add', [graph.node('Sqrt', [graph.node('Abs', [value])]), scalar(graph, 'one', 1)])]),
  ),
  'softmax of channels': unary('Softmax', { axis: 1 }),
  'softmax of columns': unary('Softmax', { axis: 3 }),
  'softmax of a row': of(channels, (graph, value) => graph.node('Softmax', [flat(graph, pooled(graph, value))])),
  'logarithm of softmax': of(channels, (graph, value) => graph.node('LogSoftmax', [flat(graph, pooled(graph, value))])),
  'added to each channel': withConstant('Add', [channels, 1, 1]),
  'subtracted from': withConstant('Sub', [1, channels, 1, 1], true),
  'divided by each place': withConstant('Div', [height, width]),
  'times a number': withConstant('Mul', []),
  'the greater': withConstant('Max', [channels, 1, 1]),
  'the smaller': withConstant('Min', [channels, 1, 1]),
  'squeeze and excitation': alike((graph, value) =>
    graph.node('Mul', [graph.node('Sigmoid', [pooled(graph, value)]), value]),
  ),
  'a sum with what came before': alike((graph, value) =>
    graph.node('Relu', [graph.node('Add', [value, conv(channels, 1, [3, 3], { pads: [1, 1, 1, 1] })(graph, value)])]),
  ),
  'a sum of three': alike((graph, value) =>
    graph.node('Sum', [value, graph.node('Relu', [value]), graph.node('Neg', [value])]),
  ),
  'pictures in two orders': alike((graph, value) => {
    const last = graph.node('Transpose', [value], { perm: [0, 2, 3, 1] });
    const added = graph.node('Add', [last, floats(graph, 'shift', [channels])]);
    return graph.node('Mul', [graph.node('Transpose', [added], { perm: [0, 3, 1, 2] }), value]);
  }),
  'averages, padding not counted': of(
    4 * 5 * 5,
    pool('AveragePool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
  ),
  'averages, as TensorFlow pads': of(
    4 * 5 * 5,
    pool('AveragePool', { kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 1, 0] }),
  ),
  'averages, padding counted': alike(
    pool('AveragePool', { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], count_include_pad: 1 }),
  ),
  'averages, rounded up': of(4 * 4 * 5, pool('AveragePool', { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 })),
  'maxima without padding': of(4 * 4 * 5, pool('MaxPool', { kernel_shape: [2, 2], strides: [2, 2] })),
  'maxima, padded on all sides': of(
    4 * 5 * 5,
    pool('MaxPool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
  ),
  'maxima, rounded up': of(4 * 5 * 5, pool('MaxPool', { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 })),
  'the maximum of a channel': of(channels, (graph, value) => graph.node('GlobalMaxPool', [value])),
  'the mean without its axes': of(channels, (graph, value) =>
    graph.node('ReduceMean', [value], { axes: [2, 3], keepdims: 0 }),
  ),
  'the mean of channels': of(height * width, (graph, value) => graph.node('ReduceMean', [value], { axes: [1] })),
  'the sum of rows': of(channels * width, (graph, value) =>
    graph.node('ReduceSum', [value, graph.ints('axes', [1], [2])], { keepdims: 0 }),
  ),
  'the greatest of columns': of(channels * height, (graph, value) => graph.node('ReduceMax', [value], { axes: [-1] })),
  'the smallest of columns': of(channels * height, (graph, value) => graph.node('ReduceMin', [value], { axes: [3] })),
  'neighbouring channels': unary('LRN', { size: 3, alpha: { float: 0.3 }, beta: { float: 0.6 }, bias: { float: 1.5 } }),
  'a dense layer of whole pictures': of(5, (graph, value) =>
    graph.node('Gemm', [flat(graph, value), floats(graph, 'weights', [5, 360]), floats(graph, 'bias', [5])], {
      transB: 1,
      alpha: { float: 0.5 },
      beta: { float: 2 },
    }),
  ),
  'a matrix and what is added': of(5, (graph, value) => {
    const product = graph.node('MatMul', [flat(graph, pooled(graph, value)), floats(graph, 'weights', [channels, 5])]);
    return graph.node('Add', [product, floats(graph, 'bias', [5])]);
  }),
  'rows of what is left': of(36, (graph, value) =>
    graph.node('Reshape', [graph.node('ReduceMean', [value], { axes: [3] }), graph.ints('shape', [2], [-1, 36])]),
  ),
  'another picture': of(360, (graph, value) => {
    const other = graph.node('Reshape', [value, graph.ints('shape', [4], [0, 2, 18, -1])]);
    return graph.node('Softmax', [other], { axis: 1 });
  }),
  'a shape that is computed': of(360, (graph, value) => {
    const batch = graph.node('Gather', [graph.node('Shape', [value]), graph.ints('zero', [], [0])]);
    const listed = graph.node('Unsqueeze', [batch, graph.ints('axes', [1], [0])]);
    return graph.node('Reshape', [value, graph.node('Concat', [listed, graph.ints('rest', [1], [-1])], { axis: 0 })]);
  }),
  'axes that come and go': of(channels, (graph, value) => {
    const row = graph.node('Squeeze', [pooled(graph, value), graph.ints('gone', [2], [2, 3])]);
    const column = graph.node('Unsqueeze', [row, graph.ints('come', [1], [2])]);
    return graph.node('Squeeze', [column, graph.ints('again', [1], [-1])]);
  }),
  'channels side by side': of(8 * 90, (graph, value) =>
    graph.node('Concat', [value, graph.node('Relu', [value])], { axis: 1 }),
  ),
  'rows one above the other': of(8 * 90, (graph, value) =>
    graph.node('Concat', [value, graph.node('Neg', [value])], { axis: -2 }),
  ),
  'channels in another order': alike((graph, value) =>
    graph.node('Gather', [value, graph.ints('order', [4], [3, 1, 0, 2])], { axis: 1 }),
  ),
  'a part of rows and channels': of(2 * 5 * 10, (graph, value) =>
    graph.node('Slice', [
      value,
      graph.ints('starts', [2], [1, -6]),
      graph.ints('ends', [2], [3, -1]),
      graph.ints('axes', [2], [1, 2]),
    ]),
  ),
  'parts of channels': of(360, (graph, value) => {
    // Made one node with two outputs below.
    const [left, right] = ['left', 'right'].map((name) => graph.node('Split', [value], { axis: 1 }, name));
    return graph.node('Concat', [right ?? '', left ?? ''], { axis: 1 });
  }),
  'padded with a number': of(4 * 12 * 11, (graph, value) =>
    graph.node('Pad', [value, graph.ints('pads', [8], [0, 0, 1, 0, 0, 0, 2, 1]), scalar(graph, 'number', 0.5)]),
  ),
  'weights in half precision': of(3 * 7 * 8, (graph, value) => {
    const halves = graph.tensor(floatTensor('halves', [3, 4, 3, 3], numbers(108, 9), DataType.float16));
    return graph.node('Conv', [value, graph.node('Cast', [halves], { to: DataType.float32 })]);
  }),
  'weights alone in bytes': of(3 * 7 * 8, (graph, value) =>
    graph.node('Conv', [value, byteWeights(graph, [3, 4, 3, 3], [0.01, 0.02, 0.015])]),
  ),
  'weights of a dense layer alone in bytes': of(5, (graph, value) =>
    graph.node('Gemm', [flat(graph, pooled(graph, value)), byteWeights(graph, [5, channels], [0.02])], { transB: 1 }),
  ),
  'pictures that come as bytes': alike((graph, value) => graph.node('Relu', [value]), { input: 'uint8' }),
};

/** The serving graph of a case. */
export function caseGraph({ write, scores, opset = 13, input = 'float32' }: ExportCase): Uint8Array {
  const graph = new GraphBuilder('case', opset);
  const pictures = graph.input('images', input, ['batch', height, width, 3]);
  let value = graph.node('Transpose', [pictures], { perm: [0, 3, 1, 2] }, 'channels_first');
  if (input === 'uint8') value = graph.node('Cast', [value], { to: DataType.float32 }, 'real');
  value = graph.node('Mul', [value, graph.floats('front_scale', [], [1 / 64])], {}, 'scaled');
  value = graph.node('Sub', [value, graph.floats('front_shift', [1, 3, 1, 1], [2, 1.9, 2.1])], {}, 'shifted');
  const mixed = graph.floats(
    'mixer',
    [channels, 3, 1, 1],
    numbers(channels * 3, 4).map((each) => each * 2),
  );
  value = graph.node('Conv', [value, mixed], {}, 'mixed');
  const made = write(graph, value);
  graph.output(graph.node('Flatten', [made], { axis: 1 }, 'scores'), 'float32', ['batch', scores]);
  const model = graph.model();
  const [split, ...others] = model.graph.node.filter(({ opType }) => opType === 'Split');
  if (split && others.length > 0) {
    const joined = { ...makeNode('Split', split.input, ['left', 'right'], { axis: 1 }), name: 'split' };
    model.graph.node = model.graph.node.flatMap((node) =>
      node === split ? [joined] : others.includes(node) ? [] : [node],
    );
  }
  return encodeModel(model);
}
