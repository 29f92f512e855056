import { graphAxis } from '../../onnx/channels-first.ts';
import { constantOf } from '../constant.ts';
import { flowOf, type OperatorConverter } from '../conversion.ts';
import { refuseOtherLayouts, windows } from './convolutions.ts';

/** Padding counts neither for the average nor for the maximum, in TensorFlow as in ONNX. */
const pool =
  (op: 'AveragePool' | 'MaxPool'): OperatorConverter =>
  (context) => {
    refuseOtherLayouts(context);
    const { name, batch, height, width, channels } = context.pictures();
    const [, y = 1, x = 1] = context.ints('ksize');
    const [, down = 1, across = 1] = context.ints('strides');
    const { pads, ...size } = windows(context, height, width, [y, x], [down, across]);
    const output = context.graph.node(op, [name], { kernel_shape: [y, x], strides: [down, across], pads });
    return flowOf(output, [batch, size.height, size.width, channels]);
  };

const reduce =
  (
    op: 'ReduceMean' | 'ReduceSum' | 'ReduceMax' | 'ReduceMin' | 'ReduceProd',
    start: number,
    step: (a: number, b: number) => number,
  ): OperatorConverter =>
  (context) => {
    const value = context.value();
    const keeps = context.flag('keep_dims');
    if (value.kind === 'constant') {
      if (value.dims.length > 1 || op === 'ReduceMean') throw context.unsupported(`a constant of [${value.dims}]`);
      return constantOf(keeps ? [1] : [], [Array.from(value.values).reduce(step, start)]);
    }
    const { shape } = value;
    const axes = [...new Set(context.integers(1).map((axis) => context.axis(axis, shape.length)))].sort(
      (a, b) => a - b,
    );
    if (axes.length === 0) return value;
    if (axes[0] === 0) throw context.unsupported('an axis that is the batch');
    const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const inside = axes.map((axis) => graphAxis(axis, shape.length));
    const overPicture = op === 'ReduceMean' && shape.length === 4 && axes.join() === '1,2';
    const output = overPicture
      ? context.graph.node('GlobalAveragePool', [value.name])
      : op === 'ReduceSum'
        ? context.graph.node(op, [value.name, context.graph.list(inside)], { keepdims: 1 })
        : context.graph.node(op, [value.name], { axes: inside, keepdims: 1 });
    if (keeps) return flowOf(output, kept);
    const left = shape.filter((_, axis) => !axes.includes(axis));
    const isFlat = kept.slice(1).filter((size) => size > 1).length <= 1;
    const source = isFlat ? output : context.inFileOrder(flowOf(output, kept));
    return context.fromFileOrder(context.reshape(source, left.slice(1)), left);
  };

/** Across channels, in TensorFlow's form: alpha is not divided by the size of the window. */
const localResponse: OperatorConverter = (context) => {
  const { name, shape } = context.flow();
  const size = context.int('depth_radius', 5) * 2 + 1;
  const output = context.graph.node('LRN', [name], {
    size,
    alpha: { float: context.float('alpha', 1) * size },
    beta: { float: context.float('beta', 0.5) },
    bias: { float: context.float('bias', 1) },
  });
  return flowOf(output, shape);
};

export const pooling: Readonly<Record<string, OperatorConverter>> = {
  AvgPool: pool('AveragePool'),
  LRN: localResponse,
  Max: reduce('ReduceMax', Number.NEGATIVE_INFINITY, Math.max),
  MaxPool: pool('MaxPool'),
  Mean: reduce('ReduceMean', 0, (a, b) => a + b),
  Min: reduce('ReduceMin', Number.POSITIVE_INFINITY, Math.min),
  Prod: reduce('ReduceProd', 1, (a, b) => a * b),
  Sum: reduce('ReduceSum', 0, (a, b) => a + b),
};
