import { RookeryError } from '@rookery/contracts';
import { decodeModel, encodeModel } from '../onnx/codec.ts';
import { DataType } from '../onnx/data-types.ts';
import { makeNode } from '../onnx/graph-builder.ts';
import { nameMaker } from '../onnx/graph-view.ts';
import type { NodeMessage, TensorMessage } from '../onnx/messages.ts';
import { elementCount, floatTensor, tensorDims, tensorNumbers } from '../onnx/tensor.ts';

/** Beyond it a half is infinite. */
const largestHalf = 65_504;
/** Smaller tensors save nothing. */
const fewestNumbers = 64;
/** Their second input is the scale of bytes. */
const scaled = /^(QuantizeLinear|DequantizeLinear)$/;

/**
 * Weights stored in half precision and made float32 once, when the graph is loaded: half the size, the speed of float32.
 * Tensors with numbers that a half cannot hold stay as they are, and so do scales of bytes.
 * @throws {RookeryError} MODEL_INVALID where nothing is left to store so.
 */
export function storedInHalves(original: Uint8Array): Uint8Array {
  const model = decodeModel(original);
  const { graph } = model;
  const fresh = nameMaker(graph);
  const casts: NodeMessage[] = [];
  const scales = new Set(graph.node.flatMap(({ opType, input }) => (scaled.test(opType) ? [input[1]] : [])));
  graph.initializer = graph.initializer.map((tensor) => {
    const half = scales.has(tensor.name) ? undefined : halved(tensor, fresh);
    if (!half) return tensor;
    casts.push(makeNode('Cast', [half.name], [tensor.name], { to: DataType.float32 }));
    return half;
  });
  if (casts.length === 0)
    throw new RookeryError('MODEL_INVALID', { detail: 'no float32 weights that half precision would make smaller' });
  graph.node = [...casts, ...graph.node];
  return encodeModel(model);
}

function halved(tensor: TensorMessage, fresh: (base: string) => string): TensorMessage | undefined {
  const dims = tensorDims(tensor);
  if (tensor.dataType !== DataType.float32 || elementCount(dims) < fewestNumbers) return undefined;
  const values = tensorNumbers(tensor);
  if (!Array.from(values).every((value) => Math.abs(value) <= largestHalf)) return undefined;
  return floatTensor(fresh(`${tensor.name}_half`), dims, values, DataType.float16);
}
