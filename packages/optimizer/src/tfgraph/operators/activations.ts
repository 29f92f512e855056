import { flowOf, type NodeContext, type OperatorConverter } from '../conversion.ts';

/** Activations by the names that fused operators have too. */
export function activate(context: NodeContext, name: string, kind: string, rank: number, extra?: number): string {
  const { graph } = context;
  switch (kind) {
    case 'Relu6':
      return graph.node('Clip', [name, context.scalar(0), context.scalar(6)]);
    case 'Relu':
    case 'Elu':
    case 'Selu':
    case 'Sigmoid':
    case 'Tanh':
    case 'Softplus':
    case 'Softsign':
      return graph.node(kind, [name]);
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
  return flowOf(context.graph.node('Clip', [name, context.scalar(low), context.scalar(high)]), shape);
};

export const activations: Readonly<Record<string, OperatorConverter>> = {
  Abs: unary('Abs'),
  Ceil: unary('Ceil'),
  ClipByValue: clip,
  Elu: activation('Elu'),
  Erf: unary('Erf'),
  Exp: unary('Exp'),
  Floor: unary('Floor'),
  LeakyRelu: activation('LeakyRelu'),
  Log: unary('Log'),
  LogSoftmax: softmax('LogSoftmax'),
  Neg: unary('Neg'),
  Prelu: activation('Prelu'),
  Relu: activation('Relu'),
  Relu6: activation('Relu6'),
  Round: unary('Round'),
  Rsqrt: rsqrt,
  Selu: activation('Selu'),
  Sigmoid: activation('Sigmoid'),
  Softmax: softmax('Softmax'),
  Softplus: activation('Softplus'),
  Softsign: activation('Softsign'),
  Sqrt: unary('Sqrt'),
  Square: square,
  Tanh: activation('Tanh'),
};
