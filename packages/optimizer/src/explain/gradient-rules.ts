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
  Gemm: (write, gradient, node) => {
    const weights = node.input[1] ?? '';
    const across = intOf(node, 'transB', 0) === 1 ? weights : write.node('Transpose', [weights], { perm: [1, 0] });
    const alpha = floatOf(node, 'alpha', 1);
    const product = write.node('MatMul', [gradient, across]);
    return alpha === 1 ? product : write.node('Mul', [product, write.floats([], [alpha])]);
  },
  MatMul: (write, gradient, node) =>
    write.node('MatMul', [gradient, write.node('Transpose', [node.input[1] ?? ''], { perm: [1, 0] })]),
  Conv: (write, gradient, node) => write.node('MatMul', [gradient, write.reshape(node.input[1] ?? '', [0, -1])]),
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

const zero = (write: GraphWriter): string => write.floats([], [0]);

function masked(write: GraphWriter, gradient: string, where: readonly string[]): string {
  return where.reduce(
    (left, mask) => write.node('Mul', [left, write.node('Cast', [mask], { to: DataType.float32 })]),
    gradient,
  );
}
