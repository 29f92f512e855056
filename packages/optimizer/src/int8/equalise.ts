import { intOf } from '../onnx/attributes.ts';
import { viewGraph } from '../onnx/graph-view.ts';
import type { ModelMessage, TensorMessage } from '../onnx/messages.ts';
import { floatTensor, tensorDims, tensorNumbers } from '../onnx/tensor.ts';
import { type Layer, layersOf } from './layers.ts';

/** A layer, nothing or a ReLU behind it, and the one layer that reads it. */
interface Pair {
  readonly first: Layer;
  readonly second: Layer;
  /** Each channel goes into one of the second's alone. */
  readonly byChannel: boolean;
}

/** Of a channel's factor: beyond it a channel without numbers would ask for anything. */
const mostBits = 6;

/** Results of layers whose channels can be equalised: `equalise` asks for their sizes. */
export const equalisable = (model: ModelMessage): string[] => pairsOf(model).map(({ first }) => first.result);

/**
 * Cross-layer equalisation: channels of a layer's result are scaled to ranges of about the same width, so that bytes with one scale for all
 * of them fit each, and the next layer's weights take that back. Factors are powers of two, so that not one bit of the float32 graph's result
 * changes. Activations that end at a number other than 0, such as ReLU6, do not allow it: growing their channels as far as they were seen
 * to stay below 6 fitted the pictures that were seen, and no others.
 *
 * `channelSizes`: the largest size of each channel of a value, as seen with the pictures.
 * @returns how many pairs of layers were changed, in place.
 */
export function equalise(model: ModelMessage, channelSizes: (value: string) => ArrayLike<number> | undefined): number {
  const { graph } = model;
  const constants = new Map(graph.initializer.map((each) => [each.name, each]));
  const readers = new Map<string, number>();
  for (const { input } of graph.node) for (const name of input) readers.set(name, (readers.get(name) ?? 0) + 1);
  let changed = 0;
  for (const pair of pairsOf(model)) {
    const { first, second, byChannel } = pair;
    const names = [first.node.input[1] ?? '', first.node.input[2] ?? '', second.node.input[1] ?? ''];
    const [weights, bias, next] = names.map((name) => constants.get(name));
    const sizes = channelSizes(first.result);
    if (!weights || !next || !sizes || names.some((name) => name !== '' && readers.get(name) !== 1)) continue;
    const factors = factorsOf(sizes, pair);
    if (factors.every((factor) => factor === 1)) continue;
    scaleChannels(weights, 0, factors);
    if (bias) scaleChannels(bias, 0, factors);
    scaleChannels(
      next,
      byChannel ? 0 : 1,
      factors.map((factor) => 1 / factor),
    );
    changed += 1;
  }
  return changed;
}

/** All the way to the widest where every channel has weights of its own; half of it where they share a scale. */
function factorsOf(sizes: ArrayLike<number>, { byChannel }: Pair): number[] {
  const largest = Math.max(...Array.from(sizes));
  return Array.from(sizes, (size) => {
    if (!(size > 0)) return 1;
    const wanted = Math.log2(largest / size) * (byChannel ? 1 : 0.5);
    return 2 ** Math.max(0, Math.min(mostBits, Math.round(wanted)));
  });
}

function pairsOf({ graph }: ModelMessage): Pair[] {
  const view = viewGraph(graph);
  const layers = layersOf(graph).filter(({ node }) => node.opType === 'Conv');
  return layers.flatMap((first) => {
    const second = layers.find(({ input }) => input === first.result);
    const behind = view.soleConsumer(first.name);
    if (!second || !behind || view.soleConsumer(first.result) !== second.node) return [];
    const dims = tensorDims(view.constants.get(second.node.input[1] ?? '') ?? { name: '', dims: [], dataType: 1 });
    const group = intOf(second.node, 'group', 1);
    const byChannel = dims[1] === 1 && dims[0] === group;
    const plain = first.result === first.name || behind.opType === 'Relu';
    return plain && (group === 1 || byChannel) ? [{ first, second, byChannel }] : [];
  });
}

function scaleChannels(tensor: TensorMessage, axis: number, factors: readonly number[]): void {
  const dims = tensorDims(tensor);
  const inner = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const values = Float32Array.from(
    tensorNumbers(tensor),
    (value, at) => value * (factors[Math.floor(at / inner) % (dims[axis] ?? 1)] ?? 1),
  );
  Object.assign(tensor, floatTensor(tensor.name, dims, values));
}
