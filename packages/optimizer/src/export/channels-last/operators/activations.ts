import { type NodeContext, type OperatorConverter, scalar } from '../conversion.ts';
import type { UnaryOp } from '../steps.ts';
import { type Flow, usualOrder } from '../value.ts';

const unaryOf = (context: NodeContext, flow: Flow, op: UnaryOp, suffix = ''): Flow =>
  context.step({ op, input: flow.name }, flow.shape, flow.order, suffix);

const withNumber = (context: NodeContext, flow: Flow, op: 'add' | 'mul' | 'max' | 'min', number: number, suffix = '') =>
  context.step({ op, inputs: [flow.name, scalar(number)] }, flow.shape, flow.order, suffix);

const unary =
  (op: UnaryOp): OperatorConverter =>
  (context) =>
    unaryOf(context, context.flow(), op);

/** TensorFlow's own is of alpha 1: `max(x, 0) + alpha * elu(min(x, 0))`. */
const elu: OperatorConverter = (context) => {
  const alpha = context.float('alpha', 1);
  const flow = context.flow();
  if (alpha === 1) return unaryOf(context, flow, 'elu');
  const below = unaryOf(context, withNumber(context, flow, 'min', 0, 'below'), 'elu', 'curved');
  const scaled = withNumber(context, below, 'mul', alpha, 'scaled');
  const above = unaryOf(context, flow, 'relu', 'above');
  return context.step({ op: 'add', inputs: [above.name, scaled.name] }, flow.shape, flow.order);
};

/** Powers that are products or a root. */
const pow: OperatorConverter = (context) => {
  const flow = context.flow();
  const [exponent, ...others] = Array.from(context.constant(1).values);
  if (exponent === 0.5 && others.length === 0) return unaryOf(context, flow, 'sqrt');
  if ((exponent !== 2 && exponent !== 3) || others.length > 0)
    throw context.unsupported('only the square, the cube and the root are written');
  const times = (value: Flow, suffix: string): Flow =>
    context.step({ op: 'mul', inputs: [value.name, flow.name] }, flow.shape, flow.order, suffix);
  return exponent === 2 ? times(flow, '') : times(times(flow, 'square'), '');
};

const reciprocal: OperatorConverter = (context) => {
  const { name, shape, order } = context.flow();
  return context.step({ op: 'div', inputs: [scalar(1), name] }, shape, order);
};

/** Bounds are attributes in old operator sets, then inputs. */
const clip: OperatorConverter = (context) => {
  const bound = (n: number, name: string, open: number): number =>
    context.inputs[n] ? (context.constant(n).values[0] ?? open) : context.float(name, open);
  const [low, high] = [bound(1, 'min', Number.NEGATIVE_INFINITY), bound(2, 'max', Number.POSITIVE_INFINITY)];
  // The largest floats are no bounds either.
  const [isOpenBelow, isOpenAbove] = [low <= -3.4e38, high >= 3.4e38];
  const flow = context.flow();
  if (low === 0 && high === 6) return unaryOf(context, flow, 'relu6');
  if (low === 0 && isOpenAbove) return unaryOf(context, flow, 'relu');
  const raised = isOpenBelow ? flow : withNumber(context, flow, 'max', low, isOpenAbove ? '' : 'raised');
  return isOpenAbove ? raised : withNumber(context, raised, 'min', high);
};

/** `min(max(alpha * x + beta, 0), 1)` is a sixth of what ReLU6 makes of six times as much. */
const hardSigmoid: OperatorConverter = (context) => {
  const [alpha, beta] = [context.float('alpha', 0.2), context.float('beta', 0.5)];
  const flow = context.flow();
  const factor = Math.fround(alpha * 6);
  const scaled = factor === 1 ? flow : withNumber(context, flow, 'mul', factor, 'scaled');
  const clipped = unaryOf(context, withNumber(context, scaled, 'add', beta * 6, 'shifted'), 'relu6', 'clipped');
  return withNumber(context, clipped, 'mul', 1 / 6);
};

const leakyRelu: OperatorConverter = (context) => {
  const { name: input, shape, order } = context.flow();
  return context.step({ op: 'leaky-relu', input, alpha: context.float('alpha', 0.01) }, shape, order);
};

/** Positive numbers stay, others are multiplied: `max(x, 0) + slope * min(x, 0)`. */
const prelu: OperatorConverter = (context) => {
  const flow = context.flow();
  const slope = context.beside(context.constant(1), flow);
  const below = withNumber(context, flow, 'min', 0, 'below');
  const { shape, order } = flow;
  const scaled = context.step({ op: 'mul', inputs: [below.name, slope] }, shape, order, 'scaled');
  const above = unaryOf(context, flow, 'relu', 'above');
  return context.step({ op: 'add', inputs: [above.name, scaled.name] }, shape, order);
};

/** Over the last axis that is stored. Up to operator set 12 over all axes from the one that is named. */
const softmax =
  (op: 'softmax' | 'log-softmax'): OperatorConverter =>
  (context) => {
    const flow = context.flow();
    const rank = flow.shape.length;
    const axis = context.axis(context.int('axis', context.opset >= 13 ? -1 : 1), rank);
    const others = flow.shape.filter((size, at) => at > 0 && at !== axis && size !== 1);
    if (axis === 0 || (context.opset < 13 && others.length > 0))
      throw context.unsupported(`axis ${axis} of [${flow.shape}]`);
    const order = flow.order.at(-1) === axis ? flow.order : [...usualOrder(rank).filter((at) => at !== axis), axis];
    return unaryOf(context, context.arranged(flow, order), op);
  };

export const activations: Readonly<Record<string, OperatorConverter>> = {
  Abs: unary('abs'),
  Clip: clip,
  Elu: elu,
  Erf: unary('erf'),
  Exp: unary('exp'),
  Floor: unary('floor'),
  HardSigmoid: hardSigmoid,
  HardSwish: unary('hard-swish'),
  LeakyRelu: leakyRelu,
  Log: unary('log'),
  LogSoftmax: softmax('log-softmax'),
  Neg: unary('neg'),
  PRelu: prelu,
  Pow: pow,
  Reciprocal: reciprocal,
  Relu: unary('relu'),
  Round: unary('round'),
  Sigmoid: unary('sigmoid'),
  Softmax: softmax('softmax'),
  Sqrt: unary('sqrt'),
  Tanh: unary('tanh'),
};
