import { inGraphOrder } from '../../onnx/channels-first.ts';
import { uint8Tensor } from '../../onnx/tensor.ts';
import type { Value } from '../conversion.ts';
import type { Constant, OperatorContext, OperatorConverter } from '../operator-context.ts';
import { byteQuantisation } from '../quantisation.ts';
import { activate } from './activations.ts';

/** A shape with ones in front. */
const padded = (shape: readonly number[], rank: number): number[] => [
  ...Array<number>(Math.max(0, rank - shape.length)).fill(1),
  ...shape,
];

/** Numbers of `[1, height, width, channels]` as `[1, channels, height, width]`. */
function channelsFirst<T extends Uint8Array | Float32Array>(values: T, shape: readonly number[]): T {
  const [, height = 1, width = 1, channels = 1] = shape;
  const moved = values.slice() as T;
  for (let p = 0; p < height * width; p += 1)
    for (let c = 0; c < channels; c += 1) moved[c * height * width + p] = values[p * channels + c] ?? 0;
  return moved;
}

/** A constant that is combined with a value of `rank` dimensions; in the int8 form as bytes, where the file has it so. */
function constantOperand(context: OperatorContext, n: number, constant: Constant, rank: number): Value {
  const { graph, conversion, operator } = context;
  const { tensor, values } = constant;
  const shape = padded(constant.shape, rank);
  if (shape.length !== rank || (rank > 1 && shape[0] !== 1))
    throw context.unsupported(`a constant of [${constant.shape}] with a value of ${rank} dimensions`);
  const name = `operator_${operator.index}_input_${n}`;
  const dims = inGraphOrder(shape);
  const bytes = context.outputBytes() && byteQuantisation(tensor);
  if (!bytes) return { name: graph.floats(name, dims, rank === 4 ? channelsFirst(values, shape) : values), shape };
  const codes = Uint8Array.from(values, (value) => Math.round(value / bytes.scale) + bytes.zeroPoint);
  const tensorName = graph.tensor(uint8Tensor(name, dims, rank === 4 ? channelsFirst(codes, shape) : codes));
  return { name: conversion.dequantised(tensorName, bytes), shape };
}

/** A value with ones after the batch: `[1, 8]` beside `[1, 7, 7, 8]` is `[1, 1, 1, 8]`. Only where the batch is 1 that is the same. */
function widened(context: OperatorContext, value: Value, rank: number): Value {
  if (value.shape.length === rank) return value;
  const [batch = 1, ...rest] = value.shape;
  if (batch !== 1) throw context.unsupported(`[${value.shape}] with a value of ${rank} dimensions`);
  const shape = [batch, ...padded(rest, rank - 1)];
  const { conversion } = context;
  return conversion.fromFileOrder(conversion.reshape(conversion.inFileOrder(value), shape.slice(1)), shape);
}

const broadcast = (context: OperatorContext, a: readonly number[], b: readonly number[]): number[] =>
  a.map((size, axis) => {
    const other = b[axis] ?? 1;
    if (size !== other && size !== 1 && other !== 1) throw context.invalid(`[${a}] with [${b}]`);
    return Math.max(size, other);
  });

/** Both operands with as many dimensions as the larger one has. */
function operands(context: OperatorContext): { names: string[]; shape: number[] } {
  const constants = [0, 1].map((n) => context.constant(n));
  const values = [0, 1].map((n) => (constants[n] ? undefined : context.value(n)));
  const rank = Math.max(...values.map((value) => value?.shape.length ?? 0));
  const [left, right] = [0, 1].map((n): Value | undefined => {
    const [constant, value] = [constants[n], values[n]];
    if (value) return widened(context, value, rank);
    return constant && constantOperand(context, n, constant, rank);
  });
  if (!left || !right || rank === 0) throw context.unsupported('constants alone');
  return { names: [left.name, right.name], shape: broadcast(context, left.shape, right.shape) };
}

/** An operator of two values, which may have an activation in its first option. */
const binary =
  (write: (context: OperatorContext, names: string[]) => string, hasActivation = false): OperatorConverter =>
  (context) => {
    const { names, shape } = operands(context);
    const result = write(context, names);
    return { name: activate(context, result, hasActivation ? (context.operator.options?.uint8(0) ?? 0) : 0), shape };
  };

const simple = (op: string, hasActivation = false): OperatorConverter =>
  binary(({ graph }, names) => graph.node(op, names), hasActivation);

const squaredDifference = binary(({ graph }, names) => {
  const difference = graph.node('Sub', names);
  return graph.node('Mul', [difference, difference]);
});

/** The slope, one a channel or one for each place of a picture. */
const prelu = simple('PRelu');

export const arithmetic: Readonly<Record<string, OperatorConverter>> = {
  ADD: simple('Add', true),
  DIV: simple('Div', true),
  MAXIMUM: simple('Max'),
  MINIMUM: simple('Min'),
  MUL: simple('Mul', true),
  POW: simple('Pow'),
  PRELU: prelu,
  SQUARED_DIFFERENCE: squaredDifference,
  SUB: simple('Sub', true),
};
