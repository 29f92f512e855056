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
import { activate } from './activations.ts';

const Convolution = z.object({
  kernel_size: Pair,
  strides: Pair.default([1, 1]),
  padding: PaddingMode.default('valid'),
  dilation_rate: Pair.default([1, 1]),
  use_bias: z.boolean().default(true),
  activation: z.unknown(),
});

/** Keras keeps `[height, width, in, out]`, ONNX wants `[out, in, height, width]`. */
function transposed(
  values: Float32Array,
  [height, width, inner, outer]: readonly [number, number, number, number],
): Float32Array {
  const result = new Float32Array(values.length);
  let at = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let i = 0; i < inner; i += 1) {
        for (let o = 0; o < outer; o += 1) result[((o * inner + i) * height + y) * width + x] = values[at++] ?? 0;
      }
    }
  }
  return result;
}

interface Kernel {
  readonly suffix: string;
  readonly values: Float32Array;
  /** `[out, in / group, height, width]`. */
  readonly dims: readonly [number, number, number, number];
  readonly group: number;
  readonly bias: Float32Array | undefined;
}

function convolve(context: LayerContext, input: Value, config: z.infer<typeof Convolution>, kernel: Kernel): Value {
  const { graph, layer } = context;
  const [height = 0, width = 0] = input.shape;
  const [dilateY, dilateX] = config.dilation_rate;
  const down = windowOf(config.padding, height, (kernel.dims[2] - 1) * dilateY + 1, config.strides[0]);
  const across = windowOf(config.padding, width, (kernel.dims[3] - 1) * dilateX + 1, config.strides[1]);
  const name = `${layer.name}${kernel.suffix}`;
  const inputs = [input.name, graph.floats(`${name}/kernel`, kernel.dims, kernel.values)];
  if (kernel.bias) inputs.push(graph.floats(`${name}/bias`, [kernel.dims[0]], kernel.bias));
  const output = graph.node('Conv', inputs, {
    group: kernel.group,
    kernel_shape: [kernel.dims[2], kernel.dims[3]],
    strides: config.strides,
    dilations: config.dilation_rate,
    pads: [down.pads[0], across.pads[0], down.pads[1], across.pads[1]],
  });
  return { name: output, shape: [down.size, across.size, kernel.dims[0]] };
}

export const conv2d: LayerConverter = (context) => {
  const config = configOf(context, Convolution.extend({ filters: z.int().min(1), groups: z.int().min(1).default(1) }));
  const { name, height, width, channels } = pictureInput(context);
  const [y, x] = config.kernel_size;
  const inner = channels / config.groups;
  const shape = [y, x, inner, config.filters] as const;
  const result = convolve(context, { name, shape: [height, width, channels] }, config, {
    suffix: '',
    values: transposed(context.weight('kernel', shape), shape),
    dims: [config.filters, inner, y, x],
    group: config.groups,
    bias: config.use_bias ? context.weight('bias', [config.filters]) : undefined,
  });
  return { ...result, name: activate(context, result.name, config.activation) };
};

/**
 * Keras keeps `[height, width, channels, multiplier]`; the output channels of each input channel stand together. The multiplier is that
 * of the weights: TensorFlow.js does not write the one of separable convolutions.
 */
function depthwise(context: LayerContext, config: z.infer<typeof Convolution>, hasBias: boolean): Value {
  const { name, height, width, channels } = pictureInput(context);
  const [y, x] = config.kernel_size;
  const kernel = context.weight('depthwise_kernel', [y, x, channels, 0], 'kernel');
  const outputs = kernel.length / (y * x);
  // Seen as [height, width, 1, outputs] the order is ONNX's.
  return convolve(context, { name, shape: [height, width, channels] }, config, {
    suffix: '/depthwise',
    values: transposed(kernel, [y, x, 1, outputs]),
    dims: [outputs, 1, y, x],
    group: channels,
    bias: hasBias ? context.weight('bias', [outputs]) : undefined,
  });
}

export const depthwiseConv2d: LayerConverter = (context) => {
  const config = configOf(context, Convolution);
  const result = depthwise(context, config, config.use_bias);
  return { ...result, name: activate(context, result.name, config.activation) };
};

export const separableConv2d: LayerConverter = (context) => {
  const config = configOf(context, Convolution.extend({ filters: z.int().min(1) }));
  const spread = depthwise(context, config, false);
  const [, , channels = 0] = spread.shape;
  const shape = [1, 1, channels, config.filters] as const;
  const point = { ...config, strides: [1, 1] as [number, number], dilation_rate: [1, 1] as [number, number] };
  const result = convolve(context, spread, point, {
    suffix: '/pointwise',
    values: transposed(context.weight('pointwise_kernel', shape), shape),
    dims: [config.filters, channels, 1, 1],
    group: 1,
    bias: config.use_bias ? context.weight('bias', [config.filters]) : undefined,
  });
  return { ...result, name: activate(context, result.name, config.activation) };
};
