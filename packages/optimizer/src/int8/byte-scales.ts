import { makeNode } from '../onnx/graph-builder.ts';
import { viewGraph } from '../onnx/graph-view.ts';
import type { GraphMessage, NodeMessage, TensorMessage } from '../onnx/messages.ts';
import { floatTensor, tensorNumbers, uint8Tensor } from '../onnx/tensor.ts';
import type { Range } from './choose-range.ts';
import { type Layer, sharedScales } from './layers.ts';
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

/** As the runtime's, which takes bytes that end so near to a bound for ending at it. */
const epsilon = 2 ** -23;

/**
 * What is cut to bounds that its bytes go beyond is cut on its own: the runtime cannot take such a Clip into the layer before it, and fails
 * where it tries. So the layer's result becomes bytes before it is cut, with the same scale; those are added to `scales`.
 */
export function addUncutScales(graph: GraphMessage, layers: readonly Layer[], scales: Map<string, ByteScale>): void {
  const view = viewGraph(graph);
  for (const { name, result } of layers) {
    const bytes = scales.get(result);
    const clip = view.producers.get(result);
    if (!bytes || result === name || clip?.opType !== 'Clip') continue;
    const bound = (at: number, open: number): number => {
      const given = clip.input[at];
      if (!given) return open;
      const constant = view.constants.get(given);
      return constant ? (tensorNumbers(constant)[0] ?? open) : Number.NaN;
    };
    const [bottom, top] = [0, 255].map((byte) => Math.fround((byte - bytes.zeroPoint) * bytes.scale)) as [
      number,
      number,
    ];
    const fits = bottom >= bound(1, Number.NEGATIVE_INFINITY) - epsilon && top <= bound(2, Infinity) + epsilon;
    if (!fits) scales.set(name, bytes);
  }
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
