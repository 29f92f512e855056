import { graphAxis, inGraphOrder } from '../../onnx/channels-first.ts';
import { elementCount } from '../../onnx/tensor.ts';
import { isFlat, isRows, type Value } from '../conversion.ts';
import type { OperatorContext, OperatorConverter } from '../operator-context.ts';

/** Gives a value another shape. A batch of 1 that gets lost at the very end is kept: scores come in rows. */
function reshaped(context: OperatorContext, value: Value, wanted: readonly number[]): Value {
  const { conversion, operator } = context;
  const total = elementCount(value.shape);
  const given = elementCount(wanted.filter((size) => size !== -1));
  const resolved = wanted.map((size) => (size === -1 ? total / given : size));
  if (elementCount(resolved) !== total || resolved.some((size) => !(size >= 1)))
    throw context.invalid(`[${value.shape}] as [${wanted}]`);
  const { batch, model } = conversion;
  const isLast = batch === 1 && operator.outputs.every((output) => model.outputs.includes(output));
  const shape = resolved[0] !== batch && isLast ? [batch, ...resolved] : resolved;
  if (shape[0] !== batch && !isRows(shape, batch))
    throw context.unsupported(`pictures are mixed: [${value.shape}] as [${wanted}]`);
  if (shape.join() === value.shape.join()) return value;
  const inOrder = isFlat(value.shape) || value.shape.length !== 4 ? value.name : conversion.inFileOrder(value);
  if (shape.length === 4 && isFlat(shape))
    return { name: conversion.reshape(inOrder, inGraphOrder(shape).slice(1)), shape };
  return conversion.fromFileOrder(conversion.reshape(inOrder, shape.slice(1)), shape);
}

/** The new shape stands in the second input, in the options of old files, or in the output itself. */
const reshape: OperatorConverter = (context) => {
  const listed = context.integers(1);
  if (!listed && context.input(1)) throw context.unsupported('a shape that is not known');
  const inOptions = context.operator.options?.int32s(0) ?? [];
  return reshaped(context, context.value(), listed ?? (inOptions.length > 0 ? inOptions : context.output.shape));
};

const squeeze: OperatorConverter = (context) => {
  const value = context.value();
  const { shape } = value;
  const listed = (context.operator.options?.int32s(0) ?? []).map((axis) => context.axis(axis, shape.length));
  const gone = listed.length > 0 ? listed : shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
  if (gone.some((axis) => shape[axis] !== 1)) throw context.invalid(`axes ${gone} of [${shape}]`);
  return reshaped(
    context,
    value,
    shape.filter((_, axis) => !gone.includes(axis)),
  );
};

const expandDims: OperatorConverter = (context) => {
  const value = context.value();
  const [listed = 0] = context.integers(1) ?? [];
  const axis = context.axis(listed, value.shape.length + 1);
  return reshaped(context, value, value.shape.toSpliced(axis, 0, 1));
};

const transpose: OperatorConverter = (context) => {
  const value = context.value();
  const { shape } = value;
  const perm = context.integers(1);
  if (perm?.length !== shape.length || perm.toSorted((a, b) => a - b).some((axis, place) => axis !== place))
    throw context.unsupported(`axes [${perm}] of [${shape}]`);
  if (perm[0] !== 0) throw context.unsupported('pictures are mixed');
  const moved = perm.map((axis) => shape[axis] ?? 1);
  // In the graph's order of axes, both before and after.
  const inside = inGraphOrder(perm).map((axis) => graphAxis(axis, shape.length));
  if (inside.every((axis, place) => axis === place)) return { name: value.name, shape: moved };
  return { name: context.graph.node('Transpose', [value.name], { perm: inside }), shape: moved };
};

/** Of amounts before and after, one pair an axis. */
const pad: OperatorConverter = (context) => {
  const { graph, operator } = context;
  const { name, shape } = context.value();
  const listed = context.integers(1);
  if (listed?.length !== shape.length * 2) throw context.unsupported(`padding [${listed}] of [${shape}]`);
  const pairs = shape.map((_, axis) => [listed[axis * 2] ?? 0, listed[axis * 2 + 1] ?? 0] as const);
  if (pairs.flat().some((amount) => amount < 0)) throw context.invalid(`padding [${listed}]`);
  const [ofBatch] = pairs;
  if (ofBatch?.some((amount) => amount !== 0)) throw context.unsupported('padding of the batch');
  const ordered = inGraphOrder(pairs);
  const amounts = graph.list([...ordered.map(([before]) => before), ...ordered.map(([, after]) => after)]);
  const padded = shape.map((size, axis) => size + (pairs[axis]?.[0] ?? 0) + (pairs[axis]?.[1] ?? 0));
  if (operator.name === 'MIRROR_PAD') {
    // With the edge repeated it is ONNX's `edge` as long as nothing but the edge is.
    const isSymmetric = context.options.uint8(0) === 1;
    if (isSymmetric && pairs.flat().some((amount) => amount > 1)) throw context.unsupported('symmetric, more than 1');
    return { name: graph.node('Pad', [name, amounts], { mode: isSymmetric ? 'edge' : 'reflect' }), shape: padded };
  }
  const value = context.input(2) ? (context.constant(2)?.values[0] ?? Number.NaN) : 0;
  if (Number.isNaN(value)) throw context.unsupported('a value that is not constant');
  return { name: graph.node('Pad', [name, amounts, graph.scalar(value)]), shape: padded };
};

/** Blocks of pixels to channels, and back; both count the blocks' rows first, as ONNX does. */
const blocks =
  (op: 'SpaceToDepth' | 'DepthToSpace'): OperatorConverter =>
  (context) => {
    const { name, height, width, channels } = context.pictures();
    const block = context.options.int32(0);
    const [batch = 1] = context.value().shape;
    const down = op === 'SpaceToDepth' ? block : 1 / block;
    const shape = [batch, height / down, width / down, channels * down * down];
    if (block < 1 || shape.some((size) => !Number.isInteger(size))) throw context.invalid(`blocks of ${block}`);
    return { name: context.graph.node(op, [name], { blocksize: block }), shape };
  };

/** What changes nothing in real numbers; quantisers follow by themselves. */
const passOn: OperatorConverter = (context) => context.value();

export const shapes: Readonly<Record<string, OperatorConverter>> = {
  DEPTH_TO_SPACE: blocks('DepthToSpace'),
  DEQUANTIZE: passOn,
  EXPAND_DIMS: expandDims,
  MIRROR_PAD: pad,
  PAD: pad,
  PADV2: pad,
  QUANTIZE: passOn,
  RESHAPE: reshape,
  SPACE_TO_DEPTH: blocks('SpaceToDepth'),
  SQUEEZE: squeeze,
  TRANSPOSE: transpose,
};
