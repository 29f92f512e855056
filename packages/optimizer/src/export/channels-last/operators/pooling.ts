import type { NodeContext, OperatorConverter } from '../conversion.ts';
import type { ReduceStep } from '../steps.ts';
import { type Flow, usualOrder } from '../value.ts';
import { type Pair, type Windows, windowsOf } from '../windows.ts';
import { padded } from './convolutions.ts';

const lowest = -3.4028234663852886e38;

function windowOfNode(context: NodeContext): Pair {
  const [height = 1, width = 1] = context.ints('kernel_shape') ?? [];
  if (context.ints('dilations')?.some((dilation) => dilation !== 1)) throw context.unsupported('dilations');
  return [height, width];
}

const maxPool: OperatorConverter = (context) => {
  if (context.node.output.length > 1) throw context.unsupported('places of the maxima');
  const window = windowOfNode(context);
  const pictures = context.pictures();
  const windows = windowsOf(context, pictures.size, window);
  return pool(context, 'max-pool', padded(context, pictures, windows, lowest), window, windows);
};

/** Padding counts where the node says so; TensorFlow never counts its own. What differs is made up for afterwards. */
const averagePool: OperatorConverter = (context) => {
  const window = windowOfNode(context);
  const pictures = context.pictures();
  const windows = windowsOf(context, pictures.size, window);
  const counts = context.int('count_include_pad', 0) === 1;
  if (windows.padding === 'valid' || (windows.padding === 'same' && !counts))
    return pool(context, 'average-pool', pictures, window, windows);
  const explicit = { ...windows, padding: undefined };
  const averaged = pool(context, 'average-pool', padded(context, pictures, explicit), window, explicit);
  const said = context.text('auto_pad') ?? 'NOTSET';
  // Past the padding that was asked for, which `ceil_mode` reaches, nothing counts.
  const [, , bottom = 0, right = 0] = said === 'NOTSET' ? (context.ints('pads') ?? []) : [0, 0, ...windows.after];
  const counted = ([0, 1] as const).map((axis) => {
    const before = windows.before[axis];
    const [first, last] = counts
      ? [-before, pictures.size[axis] + ([bottom, right][axis] ?? 0)]
      : [0, pictures.size[axis]];
    return Array.from({ length: windows.out[axis] }, (_, n) => {
      const start = n * windows.strides[axis] - before;
      return Math.min(start + window[axis], last) - Math.max(start, first);
    });
  });
  const [rows = [], columns = []] = counted;
  const factors = rows.flatMap((row) => columns.map((column) => (window[0] * window[1]) / (row * column)));
  if (factors.every((factor) => factor === 1)) return averaged;
  const numbers = { dims: [1, ...windows.out, 1], values: Float32Array.from(factors) };
  return context.step({ op: 'mul', inputs: [averaged.name, numbers] }, averaged.shape, averaged.order, 'counted');
};

function pool(
  context: NodeContext,
  op: 'average-pool' | 'max-pool',
  { name: input, shape }: Flow,
  window: Pair,
  { strides, padding = 'valid', out }: Windows,
): Flow {
  const [batch = -1, channels = 0] = shape;
  return context.step({ op, input, window, strides, padding }, [batch, channels, ...out], usualOrder(4));
}

/** The axes stay with the size 1, unless the node says that they go. */
function reduced(context: NodeContext, op: ReduceStep['op'], axes: readonly number[], keeps: boolean): Flow {
  const { name: input, shape, order } = context.flow();
  if (axes.includes(0)) throw context.unsupported('an axis that is the batch');
  const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const stored = axes.map((axis) => order.indexOf(axis)).toSorted((a, b) => a - b);
  const flow = context.step({ op, input, axes: stored }, kept, order);
  return keeps
    ? flow
    : context.reshaped(
        flow,
        shape.filter((_, axis) => !axes.includes(axis)),
      );
}

const reduce =
  (op: ReduceStep['op']): OperatorConverter =>
  (context) => {
    const { length } = context.flow().shape;
    const listed = context.integers(1, 'axes');
    if (!listed && context.int('noop_with_empty_axes', 0) === 1) return context.flow();
    const axes = (listed ?? Array.from({ length }, (_, axis) => axis)).map((axis) => context.axis(axis, length));
    return reduced(context, op, axes, context.int('keepdims', 1) === 1);
  };

const global =
  (op: ReduceStep['op']): OperatorConverter =>
  (context) => {
    const { shape } = context.flow();
    if (shape.length !== 4) throw context.unsupported(`an input of the shape [${shape}]`);
    return reduced(context, op, [2, 3], true);
  };

/** ONNX divides alpha by the size of the window. */
const localResponse: OperatorConverter = (context) => {
  const { name: input, shape, order } = context.pictures();
  const size = context.int('size', 1);
  if (size % 2 === 0) throw context.unsupported(`${size} channels`);
  return context.step(
    {
      op: 'local-response',
      input,
      radius: (size - 1) / 2,
      bias: context.float('bias', 1),
      alpha: context.float('alpha', 1e-4) / size,
      beta: context.float('beta', 0.75),
    },
    shape,
    order,
  );
};

export const pooling: Readonly<Record<string, OperatorConverter>> = {
  AveragePool: averagePool,
  GlobalAveragePool: global('mean'),
  GlobalMaxPool: global('reduce-max'),
  LRN: localResponse,
  MaxPool: maxPool,
  ReduceMax: reduce('reduce-max'),
  ReduceMean: reduce('mean'),
  ReduceMin: reduce('reduce-min'),
  ReduceSum: reduce('reduce-sum'),
};
