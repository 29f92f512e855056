import { graphAxis } from '../../onnx/channels-first.ts';
import { elementCount } from '../../onnx/tensor.ts';
import { constantOf } from '../constant.ts';
import { type Flow, flowOf, type NodeContext, type OperatorConverter, type Value } from '../conversion.ts';

const concat =
  (axisInput: 'first' | 'last'): OperatorConverter =>
  (context) => {
    const count = context.inputs.length - 1;
    const listed = context.integers(axisInput === 'first' ? 0 : count)[0] ?? 0;
    const members = Array.from({ length: count }, (_, n) => context.value(axisInput === 'first' ? n + 1 : n));
    const [first] = members;
    if (first?.kind === 'constant') {
      const values = members.flatMap((member) => (member.kind === 'constant' ? Array.from(member.values) : []));
      if (members.some((member) => member.kind === 'flow' || member.dims.length !== 1))
        throw context.unsupported('constants');
      return constantOf([values.length], values);
    }
    const flows = members.filter((member): member is Flow => member.kind === 'flow');
    if (!first || flows.length !== members.length) throw context.unsupported('constants beside values');
    const axis = context.axis(listed, first.shape.length);
    const size = flows.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
    const names = flows.map(({ name }) => name);
    return flowOf(
      context.graph.node('Concat', names, { axis: graphAxis(axis, first.shape.length) }),
      first.shape.with(axis, size),
    );
  };

interface Range {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

function cut(context: NodeContext, { name, shape }: Flow, ranges: readonly Range[]): Flow {
  const cuts = ranges.filter(
    ({ axis, start, end, step }) => axis > 0 && (start > 0 || end < (shape[axis] ?? 0) || step > 1),
  );
  if (cuts.some(({ start, end, step }) => step < 1 || end <= start))
    throw context.unsupported('an empty or reversed part');
  if (cuts.length === 0) return flowOf(name, shape);
  const lists = [
    cuts.map(({ start }) => start),
    cuts.map(({ end }) => end),
    cuts.map(({ axis }) => graphAxis(axis, shape.length)),
    cuts.map(({ step }) => step),
  ];
  const left = cuts.reduce<number[]>(
    (sizes, { axis, start, end, step }) => sizes.with(axis, Math.ceil((end - start) / step)),
    [...shape],
  );
  return flowOf(context.graph.node('Slice', [name, ...lists.map((list) => context.graph.list(list))]), left);
}

const slice: OperatorConverter = (context) => {
  const value = context.flow();
  const [begin, size] = [context.integers(1), context.integers(2)];
  return cut(
    context,
    value,
    value.shape.map((whole, axis) => {
      const start = begin[axis] ?? 0;
      const length = size[axis] ?? -1;
      return { axis, start, end: length < 0 ? whole : start + length, step: 1 };
    }),
  );
};

const stridedSlice: OperatorConverter = (context) => {
  const value = context.value();
  const [begin, end, strides] = [1, 2, 3].map((n) => context.integers(n));
  const has = (mask: string, axis: number) => (context.int(mask, 0) & (1 << axis)) !== 0;
  if (!begin || !end || !strides || context.int('ellipsis_mask', 0) || context.int('new_axis_mask', 0))
    throw context.unsupported('a part of this kind');
  const shape = value.kind === 'flow' ? value.shape : value.dims;
  const ranges = shape.map((whole, axis): Range => {
    const place = (at: number) => Math.min(Math.max(at < 0 ? at + whole : at, 0), whole);
    const start = has('begin_mask', axis) || axis >= begin.length ? 0 : place(begin[axis] ?? 0);
    if (has('shrink_axis_mask', axis)) return { axis, start, end: start + 1, step: 1 };
    const stop = has('end_mask', axis) || axis >= end.length ? whole : place(end[axis] ?? whole);
    return { axis, start, end: stop, step: strides[axis] ?? 1 };
  });
  if (value.kind === 'constant') {
    const [only] = ranges;
    if (!only || ranges.length > 1) throw context.unsupported(`a part of a constant of [${shape}]`);
    const values = Array.from(value.values)
      .slice(only.start, only.end)
      .filter((_, at) => at % only.step === 0);
    return constantOf(has('shrink_axis_mask', 0) ? [] : [values.length], values);
  }
  const isWhole = has('begin_mask', 0) && has('end_mask', 0);
  if (!isWhole && begin.length > 0 && !(begin[0] === 0 && (end[0] ?? 0) === 0))
    throw context.unsupported('part of the batch');
  const part = cut(context, value, ranges);
  const left = part.shape.filter((_, axis) => !has('shrink_axis_mask', axis));
  if (left.length === shape.length) return part;
  return context.fromFileOrder(context.reshape(context.inFileOrder(part), left.slice(1)), left);
};

function parts(context: NodeContext, value: Flow, axis: number, sizes: readonly number[]): Value[] {
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return cut(context, value, [{ axis, start: start - size, end: start, step: 1 }]);
  });
}

const split: OperatorConverter = (context) => {
  const value = context.flow(1);
  const axis = context.axis(context.integers(0)[0] ?? 0, value.shape.length);
  const count = context.int('num_split', 1);
  return parts(context, value, axis, Array<number>(count).fill((value.shape[axis] ?? 0) / count));
};

const splitV: OperatorConverter = (context) => {
  const value = context.flow();
  const axis = context.axis(context.integers(2)[0] ?? 0, value.shape.length);
  const sizes = context.integers(1);
  const rest = (value.shape[axis] ?? 0) - sizes.reduce((sum, size) => sum + Math.max(0, size), 0);
  return parts(
    context,
    value,
    axis,
    sizes.map((size) => (size < 0 ? rest : size)),
  );
};

const pack: OperatorConverter = (context) => {
  const members = context.inputs.map((_, n) => context.constant(n));
  if (members.some(({ values }) => values.length !== 1)) throw context.unsupported('lists of lists');
  return constantOf(
    [members.length],
    members.map(({ values }) => values[0] ?? 0),
  );
};

const gather: OperatorConverter = (context) => {
  const value = context.value();
  const indices = context.constant(1);
  const listed = context.inputs[2] ? (context.integers(2)[0] ?? 0) : 0;
  if (value.kind === 'constant') {
    if (value.dims.length !== 1) throw context.unsupported(`a constant of [${value.dims}]`);
    return constantOf(
      indices.dims,
      Array.from(indices.values, (at) => value.values[at] ?? 0),
    );
  }
  const axis = context.axis(listed, value.shape.length);
  if (axis === 0 || indices.dims.length !== 1) throw context.unsupported('places of this kind');
  return flowOf(
    context.graph.node('Gather', [value.name, context.graph.list(Array.from(indices.values))], {
      axis: graphAxis(axis, value.shape.length),
    }),
    value.shape.with(axis, indices.values.length),
  );
};

const fill: OperatorConverter = (context) => {
  const dims = context.integers(0);
  const [value = 0] = context.integers(1);
  if (dims.some((size) => size < 0) || elementCount(dims) > 1 << 24) throw context.unsupported(`of [${dims}]`);
  return constantOf(dims, new Float32Array(elementCount(dims)).fill(value));
};

export const partial: Readonly<Record<string, OperatorConverter>> = {
  Concat: concat('first'),
  ConcatV2: concat('last'),
  Fill: fill,
  Gather: gather,
  GatherV2: gather,
  Pack: pack,
  Slice: slice,
  Split: split,
  SplitV: splitV,
  StridedSlice: stridedSlice,
};
