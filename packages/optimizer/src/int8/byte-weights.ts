import { intOf } from '../onnx/attributes.ts';
import type { NodeMessage, TensorMessage } from '../onnx/messages.ts';
import { tensorDims, tensorNumbers } from '../onnx/tensor.ts';
import type { Layer } from './layers.ts';
import { quantiseChannel } from './quantise-values.ts';

/** A layer's weights as bytes, and what that does to its results. */
export interface ByteWeights {
  readonly bytes: Int8Array;
  readonly dims: readonly number[];
  /** The axis of output channels. */
  readonly axis: number;
  /** One for each output channel. */
  readonly scales: Float32Array;
  readonly bias: Float64Array;
}

/**
 * Rounded weights move the mean of each output channel: by what rounding has changed, times the mean of the inputs. The bias takes that
 * back (Nagel and others, 2019). Borders of a picture, where padding takes part, count as its inside.
 *
 * `means`: of the input's channels; without them the bias stays as it is.
 */
export function byteWeights(
  { node }: Layer,
  weights: TensorMessage,
  bias: TensorMessage | undefined,
  means: ArrayLike<number> | undefined,
): ByteWeights {
  const dims = tensorDims(weights);
  const values = tensorNumbers(weights);
  const { axis, outputs, terms, place, inputOf } = orderOf(node, dims);
  const given = bias ? tensorNumbers(bias) : [];
  const bytes = new Int8Array(values.length);
  const scales = new Float32Array(outputs);
  const corrected = new Float64Array(outputs);
  const row = new Float64Array(terms);
  for (let output = 0; output < outputs; output += 1) {
    for (let term = 0; term < terms; term += 1) row[term] = values[place(output, term)] ?? 0;
    // Layers of one channel a group are added up in 32 bits from the start.
    const { bytes: codes, scale } = quantiseChannel(row, dims[1] !== 1 || node.opType === 'Gemm');
    scales[output] = scale;
    let shift = 0;
    for (let term = 0; term < terms; term += 1) {
      const code = codes[term] ?? 0;
      bytes[place(output, term)] = code;
      if (means) shift += (code * scale - (row[term] ?? 0)) * (means[inputOf(output, term)] ?? 0);
    }
    corrected[output] = (given[given.length === 1 ? 0 : output] ?? 0) - shift;
  }
  return { bytes, dims, axis, scales, bias: corrected };
}

/** Where the weights of an output channel stand, in the order in which integer kernels add up their products: place by place, channels last. */
function orderOf(node: NodeMessage, dims: readonly number[]) {
  const [first = 1, second = 1] = dims;
  if (node.opType === 'Gemm') {
    const byRow = intOf(node, 'transB', 0) === 1;
    const [outputs, terms] = byRow ? [first, second] : [second, first];
    const place = (output: number, term: number): number => (byRow ? output * terms + term : term * outputs + output);
    return { axis: byRow ? 0 : 1, outputs, terms, place, inputOf: (_: number, term: number): number => term };
  }
  const inner = dims.slice(2).reduce((product, dim) => product * dim, 1);
  const perGroup = first / intOf(node, 'group', 1);
  return {
    axis: 0,
    outputs: first,
    terms: second * inner,
    place: (output: number, term: number): number =>
      (output * second + (term % second)) * inner + Math.floor(term / second),
    inputOf: (output: number, term: number): number => Math.floor(output / perGroup) * second + (term % second),
  };
}
