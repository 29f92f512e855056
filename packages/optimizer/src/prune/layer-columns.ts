import { intOf } from '../onnx/attributes.ts';
import type { NodeMessage, TensorMessage } from '../onnx/messages.ts';
import { floatTensor, tensorDims, tensorNumbers } from '../onnx/tensor.ts';
import type { Columns } from './surgeon.ts';

/**
 * The weights of a convolution or dense layer as one column for each channel that it reads: a row for each output and each place of the
 * kernel, and as the last column the bias, shared evenly among the places.
 */
export function columnsOf(node: NodeMessage, weights: TensorMessage, bias: TensorMessage | undefined): Columns {
  const { outputs, channels, kernel, place } = layout(node, tensorDims(weights));
  const values = tensorNumbers(weights);
  const biases = bias ? tensorNumbers(bias) : [];
  const size = channels + 1;
  const rows = outputs * kernel;
  const columns = new Float64Array(rows * size);
  for (let output = 0; output < outputs; output += 1)
    for (let at = 0; at < kernel; at += 1) {
      const row = (output * kernel + at) * size;
      for (let channel = 0; channel < channels; channel += 1)
        columns[row + channel] = values[place(output, channel, at)] ?? 0;
      columns[row + channels] = (biases[biases.length === 1 ? 0 : output] ?? 0) / kernel;
    }
  return { weights: columns, rows };
}

/** Columns of the channels that stay as weights and bias again. */
export function fromColumns(
  node: NodeMessage,
  { name, dims: given }: TensorMessage,
  biasName: string,
  { weights: columns }: Columns,
  stay: readonly number[],
): { readonly weights: TensorMessage; readonly bias: TensorMessage } {
  const dims = tensorDims({ name, dims: given, dataType: 1 });
  const { outputs, channels, kernel, axis } = layout(node, dims);
  const left = dims.map((dim, at) => (at === axis ? stay.length : dim));
  const { place } = layout(node, left);
  const values = new Float32Array(outputs * kernel * stay.length);
  const bias = new Float32Array(outputs);
  const size = channels + 1;
  for (let output = 0; output < outputs; output += 1)
    for (let at = 0; at < kernel; at += 1) {
      const row = (output * kernel + at) * size;
      for (const [to, channel] of stay.entries()) values[place(output, to, at)] = columns[row + channel] ?? 0;
      bias[output] = (bias[output] ?? 0) + (columns[row + channels] ?? 0);
    }
  return { weights: floatTensor(name, left, values), bias: floatTensor(biasName, [outputs], bias) };
}

function layout(node: NodeMessage, dims: readonly number[]) {
  const [first = 1, second = 1] = dims;
  if (node.opType === 'Gemm') {
    const byRow = intOf(node, 'transB', 0) === 1;
    const [outputs, channels] = byRow ? [first, second] : [second, first];
    const place = (output: number, channel: number): number =>
      byRow ? output * channels + channel : channel * outputs + output;
    return { outputs, channels, kernel: 1, axis: byRow ? 1 : 0, place };
  }
  const kernel = dims.slice(2).reduce((product, dim) => product * dim, 1);
  const place = (output: number, channel: number, at: number): number => (output * second + channel) * kernel + at;
  return { outputs: first, channels: second, kernel, axis: 1, place };
}

/** The columns of a layer by its weights and its bias among the graph's constants; `undefined` where it has none. */
export function readerColumns(reader: NodeMessage, constants: ReadonlyMap<string, TensorMessage>) {
  const weights = constants.get(reader.input[1] ?? '');
  return weights && columnsOf(reader, weights, constants.get(reader.input[2] ?? ''));
}
