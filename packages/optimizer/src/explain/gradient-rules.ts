import { floatOf, intOf } from '../onnx/attributes.ts';
import { DataType } from '../onnx/data-types.ts';
import type { NodeMessage } from '../onnx/messages.ts';
import type { GraphWriter } from './graph-writer.ts';

/**
 * How a gradient passes through a node from its output to its data: `gradient` and the result are `[batch, n, elements]`, n classes of a
 * picture. `data` is the name of the value that the node got.
 */
type GradientRule = (write: GraphWriter, gradient: string, node: NodeMessage, data: string) => string;

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
  Sub: (write, gradient, node, data) => (node.input[0] === data ? gradient : write.node('Neg', [gradient])),
  Mul: (write, gradient, node, data) =>
    write.node('Mul', [gradient, write.flat(node.input.find((name) => name !== data) ?? '')]),
  Gemm: (write, gradient, node) => scaled(write, write.node('MatMul', [gradient, rowsOf(write, node)]), node),
  MatMul: (write, gradient, node) => write.node('MatMul', [gradient, rowsOf(write, node)]),
  Conv: (write, gradient, node) => write.node('MatMul', [gradient, rowsOf(write, node)]),
  Relu: (write, gradient, _, data) =>
    masked(write, gradient, [write.node('Greater', [write.perClass(data), zero(write)])]),
  Clip: (write, gradient, node, data) => {
    const value = write.perClass(data);
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

const zero = (write: GraphWriter): string => write.floats([], [0]);

function masked(write: GraphWriter, gradient: string, where: readonly string[]): string {
  return where.reduce(
    (left, mask) => write.node('Mul', [left, write.node('Cast', [mask], { to: DataType.float32 })]),
    gradient,
  );
}
