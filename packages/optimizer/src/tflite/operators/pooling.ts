import { graphAxis } from '../../onnx/channels-first.ts';
import { windowOf } from '../../onnx/window.ts';
import type { OperatorConverter } from '../operator-context.ts';
import { activate } from './activations.ts';
import { paddingMode, positive } from './convolutions.ts';

/** Padding counts neither for the average nor for the maximum, in TFLite as in ONNX. */
const pool =
  (op: 'AveragePool' | 'MaxPool'): OperatorConverter =>
  (context) => {
    const { options, graph } = context;
    const { name, height, width, channels } = context.pictures();
    const mode = paddingMode(context, options.uint8(0));
    const size = (what: string, field: number): number => positive(context, what, options.int32(field));
    const [across, down] = [size('stride', 1), size('stride', 2)];
    const [windowWidth, windowHeight] = [size('window', 3), size('window', 4)];
    const rows = windowOf(mode, height, windowHeight, down);
    const columns = windowOf(mode, width, windowWidth, across);
    const pads = [rows.pads[0], columns.pads[0], rows.pads[1], columns.pads[1]];
    const whole =
      op === 'AveragePool' && windowHeight === height && windowWidth === width && pads.every((amount) => amount === 0);
    const output = whole
      ? graph.node('GlobalAveragePool', [name])
      : graph.node(op, [name], { kernel_shape: [windowHeight, windowWidth], strides: [down, across], pads });
    const [batch = 1] = context.value().shape;
    return { name: activate(context, output, options.uint8(5)), shape: [batch, rows.size, columns.size, channels] };
  };

/** Over the axes that the second input lists. */
const reduce =
  (op: 'ReduceMean' | 'ReduceSum' | 'ReduceMax' | 'ReduceMin'): OperatorConverter =>
  (context) => {
    const { graph, conversion } = context;
    const value = context.value();
    const { shape } = value;
    const listed = context.integers(1);
    if (!listed) throw context.unsupported('axes that are not constant');
    const axes = [...new Set(listed.map((axis) => context.axis(axis, shape.length)))].sort((a, b) => a - b);
    if (axes.length === 0) return value;
    if (axes[0] === 0) throw context.unsupported('an axis that is the batch');
    const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const overPicture = op === 'ReduceMean' && shape.length === 4 && axes.join() === '1,2';
    const inside = axes.map((axis) => graphAxis(axis, shape.length));
    const reduced = overPicture
      ? graph.node('GlobalAveragePool', [value.name])
      : op === 'ReduceSum'
        ? graph.node(op, [value.name, graph.list(inside)], { keepdims: 1 })
        : graph.node(op, [value.name], { axes: inside, keepdims: 1 });
    if (context.options.uint8(0) !== 0) return { name: reduced, shape: kept };
    // The quantiser belongs to what computes, not to what only reshapes.
    const bytes = context.outputBytes();
    const rounded = { name: bytes ? conversion.quantised(reduced, bytes) : reduced, shape: kept };
    const left = shape.filter((_, axis) => !axes.includes(axis));
    const flat = kept.slice(1).filter((size) => size > 1).length <= 1;
    const source = flat ? rounded.name : conversion.inFileOrder(rounded);
    return conversion.fromFileOrder(conversion.reshape(source, left.slice(1)), left);
  };

export const pooling: Readonly<Record<string, OperatorConverter>> = {
  AVERAGE_POOL_2D: pool('AveragePool'),
  MAX_POOL_2D: pool('MaxPool'),
  MEAN: reduce('ReduceMean'),
  REDUCE_MAX: reduce('ReduceMax'),
  REDUCE_MIN: reduce('ReduceMin'),
  SUM: reduce('ReduceSum'),
};
