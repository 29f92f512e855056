import { constantOf } from '../constant.ts';
import { flowOf, type NodeContext, type OperatorConverter } from '../conversion.ts';

/** Activations by the names that fused operators have too. */
export function activate(context: NodeContext, name: string, kind: string, rank: number, extra?: number): string {
  const { graph } = context;
  switch (kind) {
    case 'Relu6':
      return graph.node('Clip', [name, context.graph.scalar(0), context.graph.scalar(6)]);
    case 'Relu':
    case 'Elu':
    case 'Selu':
    case 'Sigmoid':
    case 'Tanh':
    case 'Softplus':
    case 'Softsign':
      return graph.node(kind, [name]);
    case '_FusedHardSwish':
      return graph.node('Mul', [
        name,
        graph.node('HardSigmoid', [name], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }),
      ]);
    case 'LeakyRelu':
      return graph.node('LeakyRelu', [name], {
        alpha: { float: context.float('alpha', context.float('leakyrelu_alpha', 0.2)) },
      });
    case 'Prelu':
      return graph.node('PRelu', [name, context.operand(extra ?? 1, rank).name]);
    default:
      throw context.unsupported(`activation ${kind}`);
  }
}

const unary =
  (op: string): OperatorConverter =>
  (context) => {
    const { name, shape } = context.flow();
    return flowOf(context.graph.node(op, [name]), shape);
  };

/** Keras writes a batch norm as arithmetic, part of it with constants alone, which is done here. */
const computed =
  (compute: (value: number) => number, write: OperatorConverter): OperatorConverter =>
  (context) => {
    const value = context.value();
    return value.kind === 'constant'
      ? constantOf(value.dims, Float32Array.from(value.values, compute))
      : write(context);
  };

const activation =
  (kind: string): OperatorConverter =>
  (context) => {
    const { name, shape } = context.flow();
    return flowOf(activate(context, name, kind, shape.length), shape);
  };

/** Over the channels, which are the graph's axis 1 for pictures. */
const softmax =
  (op: 'Softmax' | 'LogSoftmax'): OperatorConverter =>
  (context) => {
    const { name, shape } = context.flow();
    return flowOf(context.graph.node(op, [name], { axis: shape.length === 4 ? 1 : shape.length - 1 }), shape);
  };

const erfc: OperatorConverter = (context) => {
  const { name, shape } = context.flow();
  const { graph } = context;
  return flowOf(graph.node('Sub', [graph.scalar(1), graph.node('Erf', [name])]), shape);
};

const rsqrt: OperatorConverter = (context) => {
  const { name, shape } = context.flow();
  return flowOf(context.graph.node('Reciprocal', [context.graph.node('Sqrt', [name])]), shape);
};

const square: OperatorConverter = (context) => {
  const { name, shape } = context.flow();
  return flowOf(context.graph.node('Mul', [name, name]), shape);
};

const clip: OperatorConverter = (context) => {
  const { name, shape } = context.flow();
  const [low = 0] = context.integers(1);
  const [high = 0] = context.integers(2);
  return flowOf(context.graph.node('Clip', [name, context.graph.scalar(low), context.graph.scalar(high)]), shape);
};

export const activations: Readonly<Record<string, OperatorConverter>> = {
  Abs: computed(Math.abs, unary('Abs')),
  Ceil: unary('Ceil'),
  ClipByValue: clip,
  Elu: activation('Elu'),
  Erf: unary('Erf'),
  Erfc: erfc,
  Exp: computed(Math.exp, unary('Exp')),
  Floor: unary('Floor'),
  LeakyRelu: activation('LeakyRelu'),
  Log: computed(Math.log, unary('Log')),
  LogSoftmax: softmax('LogSoftmax'),
  Neg: computed((value) => -value, unary('Neg')),
  Prelu: activation('Prelu'),
  Relu: activation('Relu'),
  Relu6: activation('Relu6'),
  Round: unary('Round'),
  Rsqrt: computed((value) => 1 / Math.sqrt(value), rsqrt),
  Selu: activation('Selu'),
  Sigmoid: activation('Sigmoid'),
  Softmax: softmax('Softmax'),
  Softplus: activation('Softplus'),
  Softsign: activation('Softsign'),
  Sqrt: computed(Math.sqrt, unary('Sqrt')),
  Square: computed((value) => value * value, square),
  Tanh: activation('Tanh'),
};
