import { elementCount } from '../onnx/tensor.ts';
import type { OperatorEvent, Shape } from './read-trace.ts';

/**
 * Additions and multiplications of one operator, each counted as one: twice the products of convolutions and matrices, one a value for what
 * works value by value, none for what only moves. `undefined` for an operator that is not known here.
 */
export function operationsOf({ operator, inputs, outputs }: Pick<OperatorEvent, 'operator' | 'inputs' | 'outputs'>) {
  const [result] = outputs;
  if (!result) return undefined;
  const values = elementCount(result.dims);
  if (/Conv$|^FusedConv$|ConvInteger$/.test(operator)) {
    const [, ...window] = weightsOf(inputs)?.dims ?? [];
    return window.length > 0 ? 2 * values * elementCount(window) : undefined;
  }
  if (/Gemm$|MatMul|^Linear/.test(operator)) return products(inputs, result);
  if (/Pool$/.test(operator)) return elementCount(inputs[0]?.dims ?? []);
  if (moves.has(operator)) return 0;
  return valueByValue.has(operator) ? values : undefined;
}

/** Quantised operators have scales and zero points between picture and weights: the weights are the second input of several dimensions. */
export const weightsOf = (inputs: readonly Shape[]): Shape | undefined =>
  inputs.filter(({ dims }) => dims.length > 2)[1];

function products(inputs: readonly Shape[], { dims }: Shape): number | undefined {
  const [, right] = inputs.filter((each) => each.dims.length > 1);
  if (!right) return undefined;
  const rows = elementCount(dims) / (dims.at(-1) ?? 1);
  // Whatever is transposed: the side that both share.
  return (2 * rows * elementCount(right.dims)) / batches(right.dims);
}

/** Of matrices that lie in a row of several: each is multiplied by its own. */
const batches = (dims: readonly number[]): number => elementCount(dims.slice(0, -2));

const moves = new Set(
  'Transpose Reshape Flatten Squeeze Unsqueeze Identity Concat Slice Pad Gather Cast ReorderInput ReorderOutput Split'.split(
    ' ',
  ),
);
const valueByValue = new Set(
  'Add Sub Mul Div Relu Clip Sigmoid HardSigmoid HardSwish Tanh LeakyRelu Softmax LogSoftmax Exp Sqrt Pow Erf Gelu QuickGelu BatchNormalization QLinearAdd QLinearMul QuantizeLinear DequantizeLinear ReduceMean ReduceSum QLinearSigmoid QLinearSoftmax LayerNormalization Min Max'.split(
    ' ',
  ),
);
