import { makeNode } from '../onnx/graph-builder.ts';
import type { GraphMessage, NodeMessage, TensorMessage } from '../onnx/messages.ts';
import { floatTensor, uint8Tensor } from '../onnx/tensor.ts';
import type { Range } from './choose-range.ts';
import { sharedScales } from './layers.ts';
import { type ByteScale, byteScaleOf } from './quantise-values.ts';

/** How these values stand as bytes, by their names; outputs of the graph stay as they are. */
export function byteScales(
  graph: GraphMessage,
  ranges: ReadonlyMap<string, Range>,
  values: ReadonlySet<string>,
): Map<string, ByteScale> {
  const outputs = new Set(graph.output.map(({ name }) => name));
  const shared = sharedScales(graph, values);
  const scales = new Map<string, ByteScale>();
  for (const name of values) {
    const range = ranges.get(shared.get(name) ?? name);
    if (range && !outputs.has(name)) scales.set(name, byteScaleOf(range.low, range.high));
  }
  return scales;
}

/** A value's way to bytes and back: `real` is what it is then. */
export function roundedToBytes(
  name: string,
  { scale, zeroPoint }: ByteScale,
  fresh: (base: string) => string,
): { readonly real: string; readonly tensors: readonly TensorMessage[]; readonly nodes: readonly NodeMessage[] } {
  const [scaleName, zeroName] = [fresh('scale'), fresh('zero')];
  const [code, real] = [fresh(`${name}_bytes`), fresh(`${name}_real`)];
  return {
    real,
    tensors: [floatTensor(scaleName, [], [scale]), uint8Tensor(zeroName, [], Uint8Array.of(zeroPoint))],
    nodes: [
      makeNode('QuantizeLinear', [name, scaleName, zeroName], [code]),
      makeNode('DequantizeLinear', [code, scaleName, zeroName], [real]),
    ],
  };
}
