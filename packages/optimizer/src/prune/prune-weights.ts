import { RookeryError } from '@rookery/contracts';
import { layersOf } from '../int8/layers.ts';
import { intOf } from '../onnx/attributes.ts';
import { decodeModel, encodeModel } from '../onnx/codec.ts';
import { constantsOf } from '../onnx/graph-view.ts';
import type { NodeMessage } from '../onnx/messages.ts';
import { floatTensor, tensorDims, tensorNumbers } from '../onnx/tensor.ts';

/** A share of each layer's weights, or two of each four neighbours, as sparse tensor cores want it. */
export type WeightPattern = number | '2:4';

export interface SparseGraph {
  readonly graph: Uint8Array;
  readonly zeros: number;
  readonly weights: number;
}

/**
 * Sets the smallest weights of each layer to 0. The graph keeps its shape: it compresses better, and is faster only where an engine has
 * kernels for such patterns, which ONNX Runtime on a processor has not.
 * @throws {RookeryError} MODEL_INVALID where no layer has weights.
 */
export function pruneWeights(graph: Uint8Array, pattern: WeightPattern): SparseGraph {
  const model = decodeModel(graph);
  const constants = constantsOf(model.graph);
  let [zeros, count] = [0, 0];
  for (const { node } of layersOf(model.graph)) {
    const tensor = constants.get(node.input[1] ?? '');
    if (!tensor) continue;
    const dims = tensorDims(tensor);
    const values = Float32Array.from(tensorNumbers(tensor));
    if (pattern === '2:4') keepTwoOfFour(values, dims, node);
    else dropSmallest(values, pattern);
    zeros += values.reduce((sum, value) => sum + (value === 0 ? 1 : 0), 0);
    count += values.length;
    constants.set(tensor.name, floatTensor(tensor.name, dims, values));
  }
  if (count === 0) throw new RookeryError('MODEL_INVALID', { detail: 'no layer has constant float32 weights' });
  model.graph.initializer = [...constants.values()];
  return { graph: encodeModel(model), zeros, weights: count };
}

function dropSmallest(values: Float32Array, share: number): void {
  const sizes = values.map(Math.abs).sort();
  const limit = sizes[Math.floor(share * sizes.length)] ?? Infinity;
  for (const [at, value] of values.entries()) if (Math.abs(value) < limit) values[at] = 0;
}

/** Along the inputs of each output; a layer by channel has one input, and stays. */
function keepTwoOfFour(values: Float32Array, dims: readonly number[], node: NodeMessage): void {
  const [first = 1, second = 1] = dims;
  const inner = dims.slice(2).reduce((product, dim) => product * dim, 1);
  const byRow = node.opType === 'Conv' || (node.opType === 'Gemm' && intOf(node, 'transB', 0) === 1);
  const [outputs, inputs] = byRow ? [first, second] : [second, first];
  const place = (output: number, input: number, at: number): number =>
    byRow ? (output * inputs + input) * inner + at : input * outputs + output;
  for (let output = 0; output < outputs; output += 1)
    for (let at = 0; at < inner; at += 1)
      for (let input = 0; input + 4 <= inputs; input += 4) {
        const four = [0, 1, 2, 3].map((n) => place(output, input + n, at));
        four.sort((a, b) => Math.abs(values[a] ?? 0) - Math.abs(values[b] ?? 0));
        for (const small of four.slice(0, 2)) values[small] = 0;
      }
}
