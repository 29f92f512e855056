import { DataType } from '../onnx/data-types.ts';
import { makeNode } from '../onnx/graph-builder.ts';
import type { NodeMessage, TensorMessage } from '../onnx/messages.ts';
import { floatTensor } from '../onnx/tensor.ts';
import type { ByteWeights } from './byte-weights.ts';

/** Constant bytes, and the node that gives the real numbers they stand for. */
export interface Dequantised {
  readonly tensors: readonly TensorMessage[];
  readonly node: NodeMessage;
}

export function dequantisedWeights(
  { bytes, dims, axis, scales }: ByteWeights,
  fresh: (base: string) => string,
): Dequantised {
  const [real, code, scale, zero] = ['weights_real', 'weights', 'weights_scale', 'weights_zero'].map(fresh) as [
    string,
    string,
    string,
    string,
  ];
  return {
    tensors: [
      { name: code, dims: [...dims], dataType: DataType.int8, rawData: new Uint8Array(bytes.buffer) },
      floatTensor(scale, [scales.length], scales),
      { name: zero, dims: [scales.length], dataType: DataType.int8, rawData: new Uint8Array(scales.length) },
    ],
    node: makeNode('DequantizeLinear', [code, scale, zero], [real], { axis }),
  };
}

export function dequantisedBias(
  bias: Float64Array,
  { scales }: ByteWeights,
  inputScale: number,
  fresh: (base: string) => string,
): Dequantised {
  const [real, code, scale] = ['bias_real', 'bias', 'bias_scale'].map(fresh) as [string, string, string];
  const biasScales = scales.map((each) => each * inputScale);
  const codes = Int32Array.from(bias, (value, n) => clamp(Math.round(value / (biasScales[n] ?? 1))));
  return {
    tensors: [
      { name: code, dims: [codes.length], dataType: DataType.int32, rawData: new Uint8Array(codes.buffer) },
      floatTensor(scale, [scales.length], biasScales),
    ],
    node: makeNode('DequantizeLinear', [code, scale], [real], { axis: 0 }),
  };
}

const clamp = (code: number): number => Math.max(-(2 ** 31) + 1, Math.min(2 ** 31 - 1, code));
