import * as z from 'zod';
import { windowOf } from '../../onnx/window.ts';
import {
  configOf,
  type LayerContext,
  type LayerConverter,
  PaddingMode,
  Pair,
  pictureInput,
  type Value,
} from '../layer-context.ts';

const Pooling = z.object({
  pool_size: Pair.default([2, 2]),
  strides: Pair.nullish(),
  padding: PaddingMode.default('valid'),
});

/** Padding counts neither for the average nor for the maximum, in TensorFlow as in ONNX. */
const pool =
  (op: 'AveragePool' | 'MaxPool'): LayerConverter =>
  (context) => {
    const { pool_size, strides, padding } = configOf(context, Pooling);
    const { name, height, width, channels } = pictureInput(context);
    const steps = strides ?? pool_size;
    const down = windowOf(padding, height, pool_size[0], steps[0]);
    const across = windowOf(padding, width, pool_size[1], steps[1]);
    const pads = [down.pads[0], across.pads[0], down.pads[1], across.pads[1]];
    const whole =
      op === 'AveragePool' && pool_size[0] === height && pool_size[1] === width && pads.every((pad) => pad === 0);
    const output = whole
      ? context.graph.node('GlobalAveragePool', [name])
      : context.graph.node(op, [name], { kernel_shape: pool_size, strides: steps, pads });
    return { name: output, shape: [down.size, across.size, channels] };
  };

const globalPool =
  (op: 'GlobalAveragePool' | 'GlobalMaxPool'): LayerConverter =>
  (context: LayerContext): Value => {
    const { keepdims } = configOf(context, z.object({ keepdims: z.boolean().default(false) }));
    const { name, channels } = pictureInput(context);
    const pooled = context.graph.node(op, [name]);
    if (keepdims) return { name: pooled, shape: [1, 1, channels] };
    return { name: context.graph.node('Flatten', [pooled], { axis: 1 }), shape: [channels] };
  };

export const averagePooling2d = pool('AveragePool');
export const maxPooling2d = pool('MaxPool');
export const globalAveragePooling2d = globalPool('GlobalAveragePool');
export const globalMaxPooling2d = globalPool('GlobalMaxPool');
