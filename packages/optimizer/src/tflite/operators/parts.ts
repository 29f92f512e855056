import { graphAxis } from '../../onnx/channels-first.ts';
import type { Value } from '../conversion.ts';
import type { OperatorContext, OperatorConverter } from '../operator-context.ts';
import { activate } from './activations.ts';

const concatenation: OperatorConverter = (context) => {
  const { operator, options } = context;
  const values = operator.inputs.map((_, n) => context.value(n));
  const [first] = values;
  const rank = first?.shape.length ?? 0;
  const axis = context.axis(options.int32(0), rank);
  if (axis === 0) throw context.unsupported('along the batch');
  const fits = ({ shape }: Value): boolean =>
    shape.length === rank && shape.every((size, n) => n === axis || size === first?.shape[n]);
  if (!first || !values.every(fits)) throw context.invalid(values.map(({ shape }) => `[${shape}]`).join(' with '));
  const output = context.graph.node(
    'Concat',
    values.map(({ name }) => name),
    { axis: graphAxis(axis, rank) },
  );
  const size = values.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
  return { name: activate(context, output, options.uint8(1)), shape: first.shape.with(axis, size) };
};

interface Range {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Cuts from a value; an axis that stays whole is left alone. */
function cut(context: OperatorContext, value: Value, ranges: readonly Range[]): Value {
  const { graph } = context;
  const { shape } = value;
  const cuts = ranges.filter(({ axis, start, end, step }) => start !== 0 || end !== shape[axis] || step !== 1);
  if (cuts.some(({ axis }) => axis === 0)) throw context.unsupported('a part of the batch');
  if (cuts.length === 0) return value;
  if (cuts.some(({ axis, start, end, step }) => start < 0 || end > (shape[axis] ?? 0) || step < 1 || end <= start))
    throw context.unsupported(`parts ${cuts.map(({ start, end, step }) => `${start}:${end}:${step}`)} of [${shape}]`);
  const lists = [
    cuts.map(({ start }) => start),
    cuts.map(({ end }) => end),
    cuts.map(({ axis }) => graphAxis(axis, shape.length)),
    cuts.map(({ step }) => step),
  ];
  const left = cuts.reduce(
    (sizes, { axis, start, end, step }) => sizes.with(axis, Math.ceil((end - start) / step)),
    [...shape],
  );
  return {
    name: graph.node('Slice', [value.name, ...lists.map((list) => graph.list(list))]),
    shape: left,
  };
}

const slice: OperatorConverter = (context) => {
  const value = context.value();
  const [begin, size] = [context.integers(1), context.integers(2)];
  if (!begin || !size) throw context.unsupported('a part that is not known');
  const ranges = value.shape.map((whole, axis) => {
    const start = begin[axis] ?? 0;
    const length = size[axis] ?? -1;
    return { axis, start, end: length === -1 ? whole : start + length, step: 1 };
  });
  return cut(context, value, ranges);
};

/** Begin, end and step of each axis, as `STRIDED_SLICE` has them: masks say which are not meant. */
export function stridedRanges(context: OperatorContext, shape: readonly number[]): { ranges: Range[]; gone: number[] } {
  const [begin, end, strides] = [1, 2, 3].map((n) => context.integers(n));
  const [beginMask = 0, endMask = 0, ellipsis, newAxis, shrink = 0] = [0, 1, 2, 3, 4].map((field) =>
    context.options.int32(field),
  );
  if (!begin || !end || !strides || ellipsis || newAxis) throw context.unsupported('a part of this kind');
  const has = (mask: number, axis: number): boolean => (mask & (1 << axis)) !== 0;
  const ranges = shape.map((whole, axis) => {
    const place = (at: number): number => Math.min(Math.max(at < 0 ? at + whole : at, 0), whole);
    const start = has(beginMask, axis) || axis >= begin.length ? 0 : place(begin[axis] ?? 0);
    if (has(shrink, axis)) return { axis, start, end: start + 1, step: 1 };
    const stop = has(endMask, axis) || axis >= end.length ? whole : place(end[axis] ?? whole);
    return { axis, start, end: stop, step: strides[axis] ?? 1 };
  });
  return { ranges, gone: shape.flatMap((_, axis) => (has(shrink, axis) ? [axis] : [])) };
}

const stridedSlice: OperatorConverter = (context) => {
  const value = context.value();
  const { ranges, gone } = stridedRanges(context, value.shape);
  if (gone.includes(0)) throw context.unsupported('one picture of the batch');
  const part = cut(context, value, ranges);
  if (gone.length === 0) return part;
  const { conversion } = context;
  const shape = part.shape.filter((_, axis) => !gone.includes(axis));
  return conversion.fromFileOrder(conversion.reshape(conversion.inFileOrder(part), shape.slice(1)), shape);
};

function parts(context: OperatorContext, value: Value, axis: number, sizes: readonly number[]): Value[] {
  let start = 0;
  return sizes.map((size) => {
    const part = cut(context, value, [{ axis, start, end: start + size, step: 1 }]);
    start += size;
    return part;
  });
}

const split: OperatorConverter = (context) => {
  const value = context.value(1);
  const axis = context.axis(context.integers(0)?.[0] ?? Number.NaN, value.shape.length);
  const count = context.operator.outputs.length;
  return parts(context, value, axis, Array<number>(count).fill((value.shape[axis] ?? 0) / count));
};

const splitV: OperatorConverter = (context) => {
  const value = context.value();
  const axis = context.axis(context.integers(2)?.[0] ?? Number.NaN, value.shape.length);
  const sizes = context.integers(1) ?? [];
  const rest = (value.shape[axis] ?? 0) - sizes.reduce((sum, size) => sum + Math.max(0, size), 0);
  return parts(
    context,
    value,
    axis,
    sizes.map((size) => (size === -1 ? rest : size)),
  );
};

/** Places of an axis by a list of their numbers: channels in another order. */
const gather: OperatorConverter = (context) => {
  const { graph } = context;
  const value = context.value();
  const axis = context.axis(context.options.int32(0), value.shape.length);
  const indices = context.integers(1);
  const size = value.shape[axis] ?? 0;
  if (!indices || context.input(1)?.shape.length !== 1 || axis === 0 || context.options.int32(1) !== 0)
    throw context.unsupported('places of this kind');
  if (indices.some((index) => index < 0 || index >= size)) throw context.invalid(`place ${indices} of ${size}`);
  return {
    name: graph.node('Gather', [value.name, graph.list(indices)], {
      axis: graphAxis(axis, value.shape.length),
    }),
    shape: value.shape.with(axis, indices.length),
  };
};

export const partial: Readonly<Record<string, OperatorConverter>> = {
  CONCATENATION: concatenation,
  GATHER: gather,
  SLICE: slice,
  SPLIT: split,
  SPLIT_V: splitV,
  STRIDED_SLICE: stridedSlice,
};
