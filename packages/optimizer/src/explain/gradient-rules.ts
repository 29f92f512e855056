import { floatOf, intOf } from '../onnx/attributes.ts';
import { DataType } from '../onnx/data-types.ts';
import type { NodeMessage } from '../onnx/messages.ts';
import type { GraphWriter } from './graph-writer.ts';

/**
 * How a gradient passes through a node from its output to its input at a place: `gradient` and the result are `[batch, n, elements]`, n classes
 * of a picture. An input of fewer elements than the output gets the gradient of each of those; they are added up where it is used.
 */
type GradientRule = (write: GraphWriter, gradient: string, node: NodeMessage, at: number) => string;

const unchanged: GradientRule = (_, gradient) => gradient;

export const gradientRules: Readonly<Record<string, GradientRule>> = {
  Identity: unchanged,
  Dropout: unchanged,
  Flatten: unchanged,
  Reshape: unchanged,
  Squeeze: unchanged,
  // As if nothing were rounded.
  QuantizeLinear: unchanged,
  DequantizeLinear: unchanged,
  Add: unchanged,
  Sub: (write, gradient, _, at) => (at === 0 ? gradient : write.node('Neg', [gradient])),
  Mul: (write, gradient, node, at) => write.node('Mul', [gradient, write.value(node.input[1 - at] ?? '')]),
  Div: (write, gradient, node, at) => {
    const by = write.node('Div', [gradient, write.value(node.input[1] ?? '')]);
    return at === 0 ? by : write.node('Neg', [write.node('Mul', [by, resultOf(write, node)])]);
  },
  Pow: (write, gradient, node) => {
    const [value, power] = [dataOf(write, node), write.value(node.input[1] ?? '')];
    const less = write.node('Pow', [value, write.node('Sub', [power, one(write)])]);
    return write.node('Mul', [write.node('Mul', [gradient, power]), less]);
  },
  Sqrt: (write, gradient, node) =>
    write.node('Div', [gradient, write.node('Mul', [resultOf(write, node), write.floats([], [2])])]),
  Gemm: (write, gradient, node) => scaled(write, write.node('MatMul', [gradient, rowsOf(write, node)]), node),
  MatMul: (write, gradient, node) => write.node('MatMul', [gradient, rowsOf(write, node)]),
  Conv: (write, gradient, node) => write.node('MatMul', [gradient, rowsOf(write, node)]),
  BatchNormalization: (write, gradient, node) => {
    const [, scale = '', , , variance = ''] = node.input;
    const epsilon = write.floats([], [floatOf(node, 'epsilon', 1e-5)]);
    const size = write.node('Sqrt', [write.node('Add', [write.flat(variance), epsilon])]);
    return write.node('Mul', [gradient, write.node('Div', [write.flat(scale), size])]);
  },
  LayerNormalization: (write, gradient, node) => {
    const value = dataOf(write, node);
    const away = write.node('Sub', [value, write.meanOfLast(value)]);
    const variance = write.meanOfLast(write.node('Mul', [away, away]));
    const epsilon = write.floats([], [floatOf(node, 'epsilon', 1e-5)]);
    const size = write.node('Sqrt', [write.node('Add', [variance, epsilon])]);
    const normal = write.node('Div', [away, size]);
    const own = write.node('Mul', [gradient, write.flat(node.input[1] ?? '')]);
    const along = write.node('Mul', [normal, write.meanOfLast(write.node('Mul', [own, normal]))]);
    const left = write.node('Sub', [write.node('Sub', [own, write.meanOfLast(own)]), along]);
    return write.node('Div', [left, size]);
  },
  ReduceMean: (write, gradient, node) => {
    const elements = write.node('Gather', [write.node('Shape', [dataOf(write, node)]), write.ints([1], [2])], {
      axis: 0,
    });
    const each = write.node('Div', [gradient, write.node('Cast', [elements], { to: DataType.float32 })]);
    return write.node('Expand', [each, write.node('Concat', [write.ints([2], [1, 1]), elements], { axis: 0 })]);
  },
  Sigmoid: (write, gradient, node) => {
    const result = resultOf(write, node);
    return write.node('Mul', [gradient, write.node('Mul', [result, write.node('Sub', [one(write), result])])]);
  },
  Tanh: (write, gradient, node) => {
    const result = resultOf(write, node);
    return write.node('Mul', [gradient, write.node('Sub', [one(write), write.node('Mul', [result, result])])]);
  },
  Erf: (write, gradient, node) => {
    const value = dataOf(write, node);
    const bell = write.node('Exp', [write.node('Neg', [write.node('Mul', [value, value])])]);
    return write.node('Mul', [gradient, write.node('Mul', [bell, write.floats([], [2 / Math.sqrt(Math.PI)])])]);
  },
  HardSigmoid: (write, gradient, node) => {
    const within = inside(write, gradient, resultOf(write, node));
    return write.node('Mul', [within, write.floats([], [floatOf(node, 'alpha', 0.2)])]);
  },
  HardSwish: (write, gradient, node) => {
    const value = dataOf(write, node);
    const gate = write.node('HardSigmoid', [value], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
    const ofGate = write.node('Mul', [inside(write, gradient, gate), write.floats([], [1 / 6])]);
    return write.node('Add', [write.node('Mul', [gradient, gate]), write.node('Mul', [ofGate, value])]);
  },
  Relu: (write, gradient, node) => masked(write, gradient, [write.node('Greater', [dataOf(write, node), zero(write)])]),
  Clip: (write, gradient, node) => {
    const value = dataOf(write, node);
    const [, low, high] = node.input;
    return masked(write, gradient, [
      ...(low ? [write.node('Greater', [value, low])] : []),
      ...(high ? [write.node('Less', [value, high])] : []),
    ]);
  },
};

/**
 * The gradient of a class before the last dense layer is its row of the weights: no need to multiply all of them with noughts and a one.
 * `undefined` where the last step that changes a gradient is of another kind.
 */
export function rowsOfClasses(write: GraphWriter, classes: string, node: NodeMessage): string | undefined {
  if (!/^(Gemm|MatMul|Conv)$/.test(node.opType)) return undefined;
  return scaled(write, write.node('Gather', [rowsOf(write, node), classes], { axis: 0 }), node);
}

/** Whether the elements of a picture are averaged: then it matters that they are all of them. */
export const takesMeans = ({ opType }: NodeMessage): boolean => /^(ReduceMean|LayerNormalization)$/.test(opType);

export const changesNothing = ({ opType }: NodeMessage): boolean => gradientRules[opType] === unchanged;

/** Of a dense layer's weights, or a convolution's of one pixel: a row for each output. */
function rowsOf(write: GraphWriter, node: NodeMessage): string {
  const weights = node.input[1] ?? '';
  if (node.opType === 'Conv') return write.reshape(weights, [0, -1]);
  const inRows = node.opType === 'Gemm' && intOf(node, 'transB', 0) === 1;
  return inRows ? weights : write.node('Transpose', [weights], { perm: [1, 0] });
}

function scaled(write: GraphWriter, product: string, node: NodeMessage): string {
  const alpha = node.opType === 'Gemm' ? floatOf(node, 'alpha', 1) : 1;
  return alpha === 1 ? product : write.node('Mul', [product, write.floats([], [alpha])]);
}

/** The first input for each class, `[batch, 1, elements]`. */
const dataOf = (write: GraphWriter, node: NodeMessage): string => write.perClass(node.input[0] ?? '');
const resultOf = (write: GraphWriter, node: NodeMessage): string => write.perClass(node.output[0] ?? '');

const zero = (write: GraphWriter): string => write.floats([], [0]);
const one = (write: GraphWriter): string => write.floats([], [1]);

/** The gradient where a gate is neither shut nor open. */
const inside = (write: GraphWriter, gradient: string, gate: string): string =>
  masked(write, gradient, [write.node('Greater', [gate, zero(write)]), write.node('Less', [gate, one(write)])]);

function masked(write: GraphWriter, gradient: string, where: readonly string[]): string {
  return where.reduce(
    (left, mask) => write.node('Mul', [left, write.node('Cast', [mask], { to: DataType.float32 })]),
    gradient,
  );
}
