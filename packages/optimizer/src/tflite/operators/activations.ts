import { graphAxis } from '../../onnx/channels-first.ts';
import type { Value } from '../conversion.ts';
import type { OperatorContext, OperatorConverter } from '../operator-context.ts';
import { isWithin } from '../quantisation.ts';

/** What clamps, and to what. */
const clamps: Readonly<Record<string, readonly [low: number, high: number]>> = {
  RELU: [0, Number.POSITIVE_INFINITY],
  RELU_N1_TO_1: [-1, 1],
  RELU6: [0, 6],
  RELU_0_TO_1: [0, 1],
};

/** Clamps, unless the bytes that follow cannot hold anything else. */
function clamp(context: OperatorContext, value: string, name: string): string {
  const [low, high] = clamps[name] ?? [0, 0];
  const bytes = context.outputBytes();
  if (bytes && isWithin(bytes, low, high)) return value;
  const { graph } = context;
  if (high === Number.POSITIVE_INFINITY) return graph.node('Relu', [value]);
  return graph.node('Clip', [value, graph.scalar(low), graph.scalar(high)]);
}

/** `ActivationFunctionType` in the order of its codes. */
const fused = ['NONE', 'RELU', 'RELU_N1_TO_1', 'RELU6', 'TANH'] as const;

/** Adds the activation that is part of an operator. @throws {RookeryError} MODEL_OPERATOR_UNSUPPORTED */
export function activate(context: OperatorContext, value: string, code: number): string {
  const name = fused[code];
  if (name === undefined) throw context.unsupported(`activation ${code}`);
  if (name === 'NONE') return value;
  return name === 'TANH' ? context.graph.node('Tanh', [value]) : clamp(context, value, name);
}

const unary =
  (write: (context: OperatorContext, value: string) => string): OperatorConverter =>
  (context) => {
    const { name, shape } = context.value();
    return { name: write(context, name), shape };
  };

const clamping: OperatorConverter = (context) => {
  const { name, shape } = context.value();
  return { name: clamp(context, name, context.operator.name), shape };
};

/** The exact one, or where it is asked for the approximation by tanh. */
const gelu = unary(({ graph, operator }, value) => {
  const times = (factor: number, other: string): string => graph.node('Mul', [other, graph.scalar(factor)]);
  const squared = (): string => graph.node('Mul', [value, value]);
  const isApproximate = operator.options?.uint8(0) === 1;
  const bend = isApproximate
    ? graph.node('Tanh', [
        times(
          Math.sqrt(2 / Math.PI),
          graph.node('Add', [value, times(0.044715, graph.node('Mul', [squared(), value]))]),
        ),
      ])
    : graph.node('Erf', [times(Math.SQRT1_2, value)]);
  return times(0.5, graph.node('Mul', [value, graph.node('Add', [bend, graph.scalar(1)])]));
});

/** `x * relu6(x + 3) / 6` */
const hardSwish = unary(({ graph }, value) =>
  graph.node('Mul', [value, graph.node('HardSigmoid', [value], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } })]),
);

const leakyRelu: OperatorConverter = (context) => {
  const { name, shape } = context.value();
  return { name: context.graph.node('LeakyRelu', [name], { alpha: { float: context.options.float32(0) } }), shape };
};

/** Over the last axis of the file's. */
const overChannels =
  (op: 'Softmax' | 'LogSoftmax'): OperatorConverter =>
  (context): Value => {
    const { graph } = context;
    const { name, shape } = context.value();
    const beta = op === 'Softmax' ? context.options.float32(0) : 1;
    const scaled = beta === 1 ? name : graph.node('Mul', [name, graph.scalar(beta)]);
    return { name: graph.node(op, [scaled], { axis: graphAxis(shape.length - 1, shape.length) }), shape };
  };

/** ONNX divides alpha by the size of the window. */
const localResponseNormalization: OperatorConverter = (context) => {
  const { options } = context;
  const { name } = context.pictures();
  const size = options.int32(0) * 2 + 1;
  return {
    name: context.graph.node('LRN', [name], {
      size,
      bias: { float: options.float32(1) },
      alpha: { float: options.float32(2) * size },
      beta: { float: options.float32(3) },
    }),
    shape: context.value().shape,
  };
};

const simple = (op: string): OperatorConverter => unary(({ graph }, value) => graph.node(op, [value]));

export const activations: Readonly<Record<string, OperatorConverter>> = {
  ABS: simple('Abs'),
  CEIL: simple('Ceil'),
  ELU: simple('Elu'),
  EXP: simple('Exp'),
  FLOOR: simple('Floor'),
  GELU: gelu,
  HARD_SWISH: hardSwish,
  LEAKY_RELU: leakyRelu,
  LOCAL_RESPONSE_NORMALIZATION: localResponseNormalization,
  LOG: simple('Log'),
  LOG_SOFTMAX: overChannels('LogSoftmax'),
  LOGISTIC: simple('Sigmoid'),
  NEG: simple('Neg'),
  RELU: clamping,
  RELU6: clamping,
  RELU_0_TO_1: clamping,
  RELU_N1_TO_1: clamping,
  ROUND: simple('Round'),
  RSQRT: unary(({ graph }, value) => graph.node('Reciprocal', [graph.node('Sqrt', [value])])),
  SOFTMAX: overChannels('Softmax'),
  SQRT: simple('Sqrt'),
  SQUARE: unary(({ graph }, value) => graph.node('Mul', [value, value])),
  TANH: simple('Tanh'),
};
