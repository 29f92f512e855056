import { intOf } from '../onnx/attributes.ts';
import type { NodeMessage, TensorMessage } from '../onnx/messages.ts';
import { tensorDims, tensorNumbers } from '../onnx/tensor.ts';
import type { Layer } from './layers.ts';
import { quantiseChannel } from './quantise-values.ts';

/** A layer's weights as bytes. */
export interface ByteWeights {
  readonly bytes: Int8Array;
  readonly dims: readonly number[];
  /** The axis of output channels. */
  readonly axis: number;
  /** One for each output channel. */
  readonly scales: Float32Array;
}

/** `leastScales`: of each output channel, the smallest scale that serves; any does where none is given. */
export function byteWeights({ node }: Layer, weights: TensorMessage, leastScales?: ArrayLike<number>): ByteWeights {
  const dims = tensorDims(weights);
  const values = Float32Array.from(tensorNumbers(weights));
  const { axis, outputs, outputStep, offsets } = orderOf(node, dims);
  const bytes = new Int8Array(values.length);
  const scales = new Float32Array(outputs);
  const row = new Float64Array(offsets.length);
  const codes = new Int8Array(offsets.length);
  // Layers of one channel a group are added up in 32 bits from the start.
  const pairs = dims[1] !== 1 || node.opType !== 'Conv';
  for (let output = 0; output < outputs; output += 1) {
    const first = output * outputStep;
    for (let term = 0; term < row.length; term += 1) row[term] = values[first + (offsets[term] as number)] as number;
    scales[output] = quantiseChannel(row, pairs, codes, leastScales?.[output]);
    for (let term = 0; term < row.length; term += 1) bytes[first + (offsets[term] as number)] = codes[term] as number;
  }
  return { bytes, dims, axis, scales };
}

/** Of the 31 bits that a sum of products has: the other half is for the products. */
const mostOfBias = 2 ** 30;

/**
 * The smallest scale of each channel in which its bias, counted in steps of it and the input's, leaves room for the products. Weights of
 * dead channels are next to nothing beside their bias, and would ask for a smaller one.
 */
export function leastScales(bias: TensorMessage | undefined, outputs: number, inputScale: number): Float64Array {
  const values = bias ? tensorNumbers(bias) : [];
  const sizeOf = (output: number): number => Math.abs(values[values.length === 1 ? 0 : output] ?? 0);
  return Float64Array.from({ length: outputs }, (_, output) => sizeOf(output) / inputScale / mostOfBias);
}

/**
 * Rounded weights move the mean of each output channel: by what rounding has changed, times the mean of the inputs. The bias takes that
 * back (Nagel and others, 2019). Borders of a picture, where padding takes part, count as its inside.
 *
 * `means`: of the input's channels; without them the bias stays as it is.
 */
export function correctedBias(
  { node }: Layer,
  weights: TensorMessage,
  { bytes, scales }: ByteWeights,
  bias: TensorMessage | undefined,
  means: ArrayLike<number> | undefined,
): Float64Array {
  const { outputs, outputStep, offsets, channels, firstChannel } = orderOf(node, tensorDims(weights));
  const values = means ? Float32Array.from(tensorNumbers(weights)) : new Float32Array();
  const given = bias ? tensorNumbers(bias) : [];
  const corrected = new Float64Array(outputs);
  for (let output = 0; output < outputs; output += 1) {
    const [first, scale, channel] = [output * outputStep, scales[output] ?? 1, firstChannel(output)];
    let shift = 0;
    if (means)
      for (let term = 0; term < offsets.length; term += 1) {
        const at = first + (offsets[term] as number);
        const moved = (bytes[at] as number) * scale - (values[at] as number);
        shift += moved * (means[channel + (channels[term] as number)] as number);
      }
    corrected[output] = (given[given.length === 1 ? 0 : output] ?? 0) - shift;
  }
  return corrected;
}

/**
 * Where the weights of an output channel stand, in the order in which integer kernels add up their products: place by place, channels last.
 * Term `n` of an output is at `output * outputStep + offsets[n]`, and is multiplied with channel `firstChannel(output) + channels[n]`.
 */
function orderOf(node: NodeMessage, dims: readonly number[]) {
  const [first = 1, second = 1] = dims;
  if (node.opType !== 'Conv') {
    const byRow = node.opType === 'Gemm' && intOf(node, 'transB', 0) === 1;
    const [outputs, terms] = byRow ? [first, second] : [second, first];
    const channels = Int32Array.from({ length: terms }, (_, term) => term);
    const offsets = byRow ? channels : channels.map((term) => term * outputs);
    return { axis: byRow ? 0 : 1, outputs, outputStep: byRow ? terms : 1, offsets, channels, firstChannel: () => 0 };
  }
  const inner = dims.slice(2).reduce((product, dim) => product * dim, 1);
  const perGroup = first / intOf(node, 'group', 1);
  const channels = Int32Array.from({ length: second * inner }, (_, term) => term % second);
  return {
    axis: 0,
    outputs: first,
    outputStep: second * inner,
    offsets: channels.map((channel, term) => channel * inner + Math.floor(term / second)),
    channels,
    firstChannel: (output: number): number => Math.floor(output / perGroup) * second,
  };
}
