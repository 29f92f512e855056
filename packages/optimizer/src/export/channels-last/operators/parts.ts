import type { NodeContext, OperatorConverter } from '../conversion.ts';
import { type Constant, constantOf, type Flow, inOrder, usualOrder } from '../value.ts';

const concat: OperatorConverter = (context) => {
  const values = context.inputs.map((_, n) => context.value(n));
  if (values.every((value): value is Constant => value.kind === 'constant')) {
    const joined = values.flatMap((value) => Array.from(value.values));
    if (values.some(({ dims }) => dims.length > 1)) throw context.unsupported('constants of more than one axis');
    return constantOf([joined.length], joined);
  }
  const flows = values.map((_, n) => context.flow(n));
  const [first] = flows;
  if (!first) throw context.unsupported('nothing');
  const axis = context.axis(context.int('axis', 1), first.shape.length);
  const fits = ({ shape }: Flow): boolean =>
    shape.length === first.shape.length && shape.every((size, at) => at === axis || size === first.shape[at]);
  if (axis === 0 || !flows.every(fits))
    throw context.unsupported(flows.map(({ shape }) => `[${shape}]`).join(' with '));
  const order = usualOrder(first.shape.length);
  const inputs = flows.map((flow) => context.arranged(flow, order).name);
  const size = flows.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
  return context.step({ op: 'concat', inputs, axis: order.indexOf(axis) }, first.shape.with(axis, size), order);
};

const gather: OperatorConverter = (context) => {
  const value = context.value();
  const indices = context.constant(1);
  if (value.kind === 'constant') {
    const at = (index: number): number => value.values[index < 0 ? index + value.values.length : index] ?? 0;
    if (value.dims.length !== 1) throw context.unsupported(`a constant of the shape [${value.dims}]`);
    return constantOf(indices.dims, Array.from(indices.values, at));
  }
  const { name: input, shape, order } = value;
  const axis = context.axis(context.int('axis', 0), shape.length);
  const size = shape[axis] ?? 0;
  const places = Array.from(indices.values, (index) => (index < 0 ? index + size : index));
  if (axis === 0 || indices.dims.length !== 1 || places.some((place) => !(place >= 0 && place < size)))
    throw context.unsupported(`places [${places}] of axis ${axis}`);
  return context.step(
    { op: 'gather', input, axis: order.indexOf(axis), indices: places },
    shape.with(axis, places.length),
    order,
  );
};

interface Cut {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
}

function cut(context: NodeContext, flow: Flow, cuts: readonly Cut[], suffix = ''): Flow {
  const { name: input, shape, order } = flow;
  const begin = shape.map((_, axis) => cuts.find((each) => each.axis === axis)?.start ?? 0);
  const left = cuts.reduce((sizes, { axis, start, end }) => sizes.with(axis, end - start), [...shape]);
  if (cuts.some(({ axis }) => axis === 0) || left.some((size, axis) => axis > 0 && size < 1))
    throw context.unsupported(`[${left}] of [${shape}]`);
  if (left.join() === shape.join()) return flow;
  return context.step({ op: 'slice', input, begin: inOrder(begin, order) }, left, order, suffix);
}

const slice: OperatorConverter = (context) => {
  const value = context.value();
  const shape = value.kind === 'flow' ? value.shape : value.dims;
  const starts = context.integers(1, 'starts') ?? [];
  const ends = context.integers(2, 'ends') ?? [];
  const axes = context.integers(3, 'axes') ?? starts.map((_, n) => n);
  if (context.integers(4, 'steps')?.some((step) => step !== 1)) throw context.unsupported('steps');
  const cuts = starts.map((start, n): Cut => {
    const axis = context.axis(axes[n] ?? n, shape.length);
    const size = shape[axis] ?? 0;
    const place = (at: number): number => Math.min(Math.max(at < 0 ? at + size : at, 0), size);
    return { axis, start: place(start), end: place(ends[n] ?? size) };
  });
  if (value.kind === 'flow') return cut(context, value, cuts);
  const [only] = cuts;
  if (shape.length !== 1 || !only) throw context.unsupported(`a constant of the shape [${shape}]`);
  const part = Array.from(value.values).slice(only.start, only.end);
  return constantOf([part.length], part);
};

const split: OperatorConverter = (context) => {
  const flow = context.flow();
  const axis = context.axis(context.int('axis', 0), flow.shape.length);
  const count = context.node.output.length;
  const size = flow.shape[axis] ?? 0;
  const even = Math.ceil(size / count);
  const sizes =
    context.integers(1, 'split') ?? Array.from({ length: count }, (_, n) => Math.min(even, size - n * even));
  let start = 0;
  return sizes.map((length, n) => {
    const part = cut(context, flow, [{ axis, start, end: start + length }], `part_${n}`);
    start += length;
    return part;
  });
};

export const parts: Readonly<Record<string, OperatorConverter>> = {
  Concat: concat,
  Gather: gather,
  Slice: slice,
  Split: split,
};
