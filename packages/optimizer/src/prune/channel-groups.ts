import { intOf, intsOf } from '../onnx/attributes.ts';
import { DataType } from '../onnx/data-types.ts';
import { type GraphView, viewGraph } from '../onnx/graph-view.ts';
import type { GraphMessage, NodeMessage } from '../onnx/messages.ts';
import { tensorDims } from '../onnx/tensor.ts';

/** Channels that one layer makes, others pass on one by one, and one layer reads: they can go without anybody else noticing. */
export interface ChannelGroup {
  readonly maker: NodeMessage;
  /** Convolutions by channel on the way. */
  readonly passing: readonly NodeMessage[];
  readonly reader: NodeMessage;
  readonly channels: number;
}

/** What treats channels alone and keeps their number. */
const byChannel = new Set([
  'Relu',
  'Clip',
  'LeakyRelu',
  'HardSwish',
  'AveragePool',
  'MaxPool',
  'GlobalAveragePool',
  'Flatten',
]);

export function channelGroups(graph: GraphMessage): ChannelGroup[] {
  const view = viewGraph(graph);
  return graph.node.flatMap((maker) => {
    const dims = weightsOf(maker, view);
    if (maker.opType !== 'Conv' || !dims || intOf(maker, 'group', 1) !== 1) return [];
    const found = follow(maker, dims[0] ?? 0, view);
    return 'reader' in found ? [{ maker, channels: dims[0] ?? 0, ...found }] : [];
  });
}

/** What stands in the way of the convolutions whose channels no one layer reads: operators with how often, and the first of each by its result. */
export function obstacles(graph: GraphMessage): string {
  const view = viewGraph(graph);
  const found = new Map<string, { count: number; readonly first: string }>();
  for (const maker of graph.node) {
    const dims = weightsOf(maker, view);
    if (maker.opType !== 'Conv' || !dims || intOf(maker, 'group', 1) !== 1) continue;
    const end = follow(maker, dims[0] ?? 0, view);
    if ('reader' in end) continue;
    const readers = view.consumers(end.value).map(({ opType }) => opType);
    const what =
      readers.length > 1 ? `several readers (${[...new Set(readers)].join(', ')})` : (readers[0] ?? 'output');
    const known = found.get(what);
    if (known) known.count += 1;
    else found.set(what, { count: 1, first: end.value });
  }
  if (found.size === 0) return 'it has no plain convolution with weights of its own in float32';
  const each = [...found].map(([what, { count, first }]) => `${count} by ${what}, the first behind ${first}`);
  return `convolutions are followed ${each.join('; ')}`;
}

/** The layer that reads the channels, or the value behind which they can be followed no further. */
function follow(
  maker: NodeMessage,
  channels: number,
  view: GraphView,
): Pick<ChannelGroup, 'passing' | 'reader'> | { readonly value: string } {
  const passing: NodeMessage[] = [];
  let pooled = false;
  for (let value = maker.output[0] ?? ''; ; ) {
    const gated = gatedBy(value, view);
    if (gated !== undefined) {
      value = gated;
      continue;
    }
    const node = view.soleConsumer(value);
    if (!node || node.input[0] !== value) return { value };
    const dims = weightsOf(node, view);
    if (node.opType === 'Gemm') return dims && pooled && isPlain(node) ? { passing, reader: node } : { value };
    if (node.opType === 'Conv') {
      const group = intOf(node, 'group', 1);
      if (!dims) return { value };
      if (group === 1) return { passing, reader: node };
      if (group !== channels || dims[0] !== channels) return { value };
      passing.push(node);
    } else if (!byChannel.has(node.opType)) return { value };
    // Flattened places would be columns of their own.
    else if (node.opType === 'Flatten' && !pooled) return { value };
    pooled ||= node.opType === 'GlobalAveragePool';
    value = node.output[0] ?? '';
  }
}

/** A value times a gate of itself, as SiLU and hard swish are written: the product. */
function gatedBy(value: string, view: GraphView): string | undefined {
  const readers = view.consumers(value);
  const gate = readers.find(({ opType }) => opType === 'Sigmoid' || opType === 'HardSigmoid');
  const product = gate && view.soleConsumer(gate.output[0] ?? '');
  const isGated = product?.opType === 'Mul' && readers.includes(product) && readers.length === 2;
  return isGated && !view.isOutput(value) ? product.output[0] : undefined;
}

const isPlain = (node: NodeMessage): boolean => intOf(node, 'transA', 0) === 0 && intsOf(node, 'axes') === undefined;

/** Dimensions of constant float32 weights that only this node reads, with a bias that only it reads. */
function weightsOf(node: NodeMessage, view: GraphView): number[] | undefined {
  const [, weights = '', bias = ''] = node.input;
  const tensor = view.constants.get(weights);
  const own = [weights, bias].every(
    (name) => name === '' || (view.constants.has(name) && view.consumers(name).length === 1),
  );
  return tensor?.dataType === DataType.float32 && own ? tensorDims(tensor) : undefined;
}
