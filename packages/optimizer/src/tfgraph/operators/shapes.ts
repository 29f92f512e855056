import { graphAxis, inGraphOrder } from '../../onnx/channels-first.ts';
import { elementCount } from '../../onnx/tensor.ts';
import { constantOf } from '../constant.ts';
import { type Flow, flowOf, type NodeContext, type OperatorConverter } from '../conversion.ts';

/**
 * Another shape for each picture, or rows of all pictures, one after the other, as dense layers of pixels are written: `[-256, 96]` of an
 * open batch of `[-1, 16, 16, 96]`.
 */
function reshaped(context: NodeContext, value: Flow, wanted: readonly number[]): Flow {
  const [batch = -1, ...own] = value.shape;
  const total = Math.abs(batch) * elementCount(own);
  const [first = -1, ...rest] = wanted;
  const given = elementCount(rest.filter((size) => size >= 0));
  const isRows = batch > 0 && rest.length === 1 && first * given === total;
  if (first >= 0 && first !== batch && !isRows && !(batch === -1 && rest.includes(-1)))
    throw context.unsupported(`pictures are mixed: [${value.shape}] as [${wanted}]`);
  const resolved = rest.map((size) => (size < 0 ? total / given : size));
  const rows = total / elementCount(resolved);
  if (!Number.isInteger(rows) || (rows !== 1 && rest.length !== 1) || (first < -1 && -first !== rows))
    throw context.unsupported(`[${value.shape}] as [${wanted}]`);
  const all = batch < 0 ? -rows : rows;
  if (all === batch && resolved.join() === own.join()) return value;
  return context.fromFileOrder(context.reshape(context.inFileOrder(value), resolved), [all, ...resolved]);
}

const reshape: OperatorConverter = (context) => {
  const value = context.value();
  const wanted = context.integers(1);
  if (value.kind === 'flow') return reshaped(context, value, wanted);
  const given = elementCount(wanted.filter((size) => size >= 0));
  return constantOf(
    wanted.map((size) => (size < 0 ? value.values.length / given : size)),
    value.values,
  );
};

const squeeze: OperatorConverter = (context) => {
  const value = context.value();
  const shape = value.kind === 'flow' ? value.shape : value.dims;
  const listed = [...context.ints('squeeze_dims'), ...context.ints('axis')].map((axis) =>
    context.axis(axis, shape.length),
  );
  const isGone = (size: number, axis: number) =>
    listed.length > 0 ? listed.includes(axis) : size === 1 && !(value.kind === 'flow' && axis === 0);
  const left = shape.filter((size, axis) => !isGone(size, axis));
  return value.kind === 'flow' ? reshaped(context, value, left) : constantOf(left, value.values);
};

const expandDims: OperatorConverter = (context) => {
  const value = context.value();
  const shape = value.kind === 'flow' ? value.shape : value.dims;
  const axis = context.axis(context.integers(1)[0] ?? 0, shape.length + 1);
  const wanted = shape.toSpliced(axis, 0, 1);
  return value.kind === 'flow' ? reshaped(context, value, wanted) : constantOf(wanted, value.values);
};

const transpose: OperatorConverter = (context) => {
  const { name, shape } = context.flow();
  const perm = context.integers(1);
  if (perm[0] !== 0 || perm.length !== shape.length) throw context.unsupported(`axes [${perm}] of [${shape}]`);
  const inside = inGraphOrder(perm).map((axis) => graphAxis(axis, shape.length));
  return flowOf(
    context.graph.node('Transpose', [name], { perm: inside }),
    perm.map((axis) => shape[axis] ?? 1),
  );
};

const pad =
  (mode: 'constant' | 'mirror'): OperatorConverter =>
  (context) => {
    const { name, shape } = context.flow();
    const listed = context.integers(1);
    const pairs = shape.map((_, axis) => [listed[axis * 2] ?? 0, listed[axis * 2 + 1] ?? 0] as const);
    if (pairs[0]?.some((amount) => amount !== 0)) throw context.unsupported('padding of the batch');
    const ordered = inGraphOrder(pairs);
    const amounts = context.graph.list([...ordered.map(([before]) => before), ...ordered.map(([, after]) => after)]);
    const padded = shape
      .map((size, axis) => size + (pairs[axis]?.[0] ?? 0) + (pairs[axis]?.[1] ?? 0))
      .with(0, shape[0] ?? -1);
    if (mode === 'mirror') {
      if (context.text('mode') !== 'REFLECT') throw context.unsupported(context.text('mode'));
      return flowOf(context.graph.node('Pad', [name, amounts], { mode: 'reflect' }), padded);
    }
    const value = context.inputs[2] ? (context.integers(2)[0] ?? 0) : 0;
    return flowOf(context.graph.node('Pad', [name, amounts, context.graph.scalar(value)]), padded);
  };

const blocks =
  (op: 'SpaceToDepth' | 'DepthToSpace'): OperatorConverter =>
  (context) => {
    const { name, batch, height, width, channels } = context.pictures();
    const block = context.int('block_size', 1);
    const down = op === 'SpaceToDepth' ? block : 1 / block;
    return flowOf(context.graph.node(op, [name], { blocksize: block }), [
      batch,
      height / down,
      width / down,
      channels * down * down,
    ]);
  };

const resize =
  (mode: 'linear' | 'nearest'): OperatorConverter =>
  (context) => {
    const { name, batch, height, width, channels } = context.pictures();
    const [down = 1, across = 1] = context.integers(1);
    const coordinates = context.flag('half_pixel_centers')
      ? 'half_pixel'
      : context.flag('align_corners')
        ? 'align_corners'
        : 'asymmetric';
    if (mode === 'nearest' && coordinates !== 'asymmetric') throw context.unsupported(coordinates);
    const scales = context.floats('scales', [4], [1, 1, down / height, across / width]);
    const output = context.graph.node('Resize', [name, '', scales], {
      mode,
      coordinate_transformation_mode: coordinates,
      ...(mode === 'nearest' && { nearest_mode: 'floor' }),
    });
    return flowOf(output, [batch, down, across, channels]);
  };

export const shapes: Readonly<Record<string, OperatorConverter>> = {
  DepthToSpace: blocks('DepthToSpace'),
  ExpandDims: expandDims,
  MirrorPad: pad('mirror'),
  Pad: pad('constant'),
  PadV2: pad('constant'),
  Reshape: reshape,
  ResizeBilinear: resize('linear'),
  ResizeNearestNeighbor: resize('nearest'),
  SpaceToDepth: blocks('SpaceToDepth'),
  Squeeze: squeeze,
  Transpose: transpose,
};
