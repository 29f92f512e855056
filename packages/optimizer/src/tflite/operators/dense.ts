import { elementCount } from '../../onnx/tensor.ts';
import { ownScales, writeKernel } from '../kernel.ts';
import type { OperatorConverter } from '../operator-context.ts';
import { activate } from './activations.ts';
import { biasOf } from './convolutions.ts';

/** Weights `[outputs, inputs]`. What comes before is flattened in the file's order: channels last. */
const fullyConnected: OperatorConverter = (context) => {
  const { conversion, graph, options } = context;
  const input = context.value();
  const weights = context.constant(1);
  if (!weights) throw context.unsupported('weights that are not constant');
  const [outputs = 0, inputs = 0] = weights.shape;
  if (options.uint8(1) !== 0) throw context.unsupported(`weights in format ${options.uint8(1)}`);
  const [batch = 1, ...rest] = input.shape;
  const each = elementCount(rest);
  const keepsRank = options.uint8(2) !== 0 && input.shape.length > 2;
  if (weights.shape.length !== 2 || rest.at(-1) === undefined || each % inputs !== 0)
    throw context.invalid(`weights of shape [${weights.shape}] for an input of [${input.shape}]`);
  // Several rows a picture: each place of a picture by itself.
  const rows = each / inputs;
  if (rows !== 1 && !keepsRank) throw context.unsupported(`${rows} rows a picture`);
  const inOrder = conversion.inFileOrder(input);
  const bytes = context.outputIsBytes() ? context.inputBytes() : undefined;
  const reshaped = rest.length === 1 ? inOrder : conversion.reshape(inOrder, [inputs]);
  // Integer kernels want their quantisers right before them.
  const flat = bytes && reshaped !== input.name ? conversion.quantised(reshaped, bytes) : reshaped;
  const kernel = {
    values: weights.values,
    dims: weights.shape,
    bias: biasOf(context, outputs),
    scales: ownScales(weights, 0, outputs),
  };
  const output = graph.node('Gemm', [flat, ...writeKernel(context, kernel)], { transB: 1 });
  const activated = activate(context, output, options.uint8(0));
  if (!keepsRank) return { name: activated, shape: [batch, outputs] };
  const shape = [batch, ...rest.slice(0, -1), outputs];
  return conversion.fromFileOrder(conversion.reshape(activated, shape.slice(1)), shape);
};

export const dense: Readonly<Record<string, OperatorConverter>> = { FULLY_CONNECTED: fullyConnected };
