import { elementCount } from '../../../onnx/tensor.ts';
import type { NodeContext, OperatorConverter } from '../conversion.ts';
import { type Constant, constantOf, type Flow, inOrder, permuted } from '../value.ts';

/** In `wanted` 0 keeps an axis and -1 is what is left; the batch stays whole. */
function reshapedTo(context: NodeContext, flow: Flow, wanted: readonly number[]): Flow {
  const [batch = -1, ...own] = flow.shape;
  const [first = -1, ...listed] = wanted;
  const rest = listed.map((size, at) => (size === 0 ? (own[at] ?? 0) : size));
  const total = elementCount(own);
  const given = elementCount(rest.filter((size) => size !== -1));
  const opened = rest.map((size) => (size === -1 ? total / given : size));
  const isBatch = first === 0 || first === batch || (first === -1 && !rest.includes(-1));
  if (!isBatch || elementCount(opened) !== total)
    throw context.unsupported(`pictures are mixed: [${flow.shape}] as [${wanted}]`);
  return context.reshaped(flow, [batch, ...opened]);
}

function constantAs(constant: Constant, wanted: readonly number[]): Constant {
  const given = elementCount(wanted.filter((size) => size !== -1));
  return constantOf(
    wanted.map((size) => (size === -1 ? constant.values.length / given : size)),
    constant.values,
  );
}

const reshape: OperatorConverter = (context) => {
  const wanted = context.integers(1, 'shape') ?? [];
  if (context.int('allowzero', 0) === 1 && wanted.includes(0)) throw context.unsupported('allowzero');
  const value = context.value();
  return value.kind === 'flow' ? reshapedTo(context, value, wanted) : constantAs(value, wanted);
};

const flatten: OperatorConverter = (context) => {
  if (context.int('axis', 1) !== 1) throw context.unsupported(`axis ${context.int('axis', 1)}`);
  return reshapedTo(context, context.flow(), [0, -1]);
};

const squeeze: OperatorConverter = (context) => {
  const value = context.value();
  const shape = value.kind === 'flow' ? value.shape : value.dims;
  const listed = context.integers(1, 'axes')?.map((axis) => context.axis(axis, shape.length));
  const left = shape.filter((size, axis) => (listed ? !listed.includes(axis) : size !== 1));
  return value.kind === 'flow' ? reshapedTo(context, value, left) : constantOf(left, value.values);
};

const unsqueeze: OperatorConverter = (context) => {
  const value = context.value();
  const shape = [...(value.kind === 'flow' ? value.shape : value.dims)];
  const listed = context.integers(1, 'axes') ?? [];
  const rank = shape.length + listed.length;
  for (const axis of listed.map((each) => context.axis(each, rank)).toSorted((a, b) => a - b)) shape.splice(axis, 0, 1);
  return value.kind === 'flow' ? reshapedTo(context, value, shape) : constantOf(shape, value.values);
};

/** A flow only gets another order. */
const transpose: OperatorConverter = (context) => {
  const value = context.value();
  const rank = value.kind === 'flow' ? value.shape.length : value.dims.length;
  const perm = context.ints('perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  if (value.kind === 'constant') {
    const { dims, values } = permuted(value, perm);
    const { quantised } = value;
    return {
      ...constantOf(dims, values),
      ...(quantised && { quantised: { ...quantised, axis: perm.indexOf(quantised.axis) } }),
    };
  }
  if (perm[0] !== 0) throw context.unsupported('pictures are mixed');
  return { ...value, shape: inOrder(value.shape, perm), order: value.order.map((axis) => perm.indexOf(axis)) };
};

const pad: OperatorConverter = (context) => {
  const { name: input, shape, order } = context.flow();
  const rank = shape.length;
  const mode = context.text('mode') ?? 'constant';
  const listed = context.integers(1, 'pads') ?? [];
  const axes = context.inputs[3] ? context.integers(3, 'axes')?.map((axis) => context.axis(axis, rank)) : undefined;
  const amount = (axis: number): readonly [number, number] => {
    const at = axes ? axes.indexOf(axis) : axis;
    return at < 0 ? [0, 0] : [listed[at] ?? 0, listed[at + (axes?.length ?? rank)] ?? 0];
  };
  const amounts = shape.map((_, axis) => amount(axis));
  if (mode !== 'constant' || amounts.flat().some((each) => each < 0) || amounts[0]?.some((each) => each !== 0))
    throw context.unsupported(`${mode}, [${listed}]`);
  const value = context.inputs[2] ? (context.constant(2).values[0] ?? 0) : context.float('value', 0);
  const wide = shape.map((size, axis) =>
    axis === 0 ? size : size + (amounts[axis] ?? [0, 0])[0] + (amounts[axis] ?? [0, 0])[1],
  );
  return context.step({ op: 'pad', input, amounts: inOrder(amounts, order), value }, wide, order);
};

/** The batch is 0, which `Reshape` keeps where it stands first. */
const shape: OperatorConverter = (context) => {
  const value = context.value();
  const dims = value.kind === 'flow' ? [0, ...value.shape.slice(1)] : [...value.dims];
  const part = dims.slice(context.int('start', 0), context.int('end', dims.length));
  return constantOf([part.length], part);
};

export const shapes: Readonly<Record<string, OperatorConverter>> = {
  Flatten: flatten,
  Pad: pad,
  Reshape: reshape,
  Shape: shape,
  Squeeze: squeeze,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};
