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
    return found ? [{ maker, channels: dims[0] ?? 0, ...found }] : [];
  });
}

function follow(
  maker: NodeMessage,
  channels: number,
  view: GraphView,
): Pick<ChannelGroup, 'passing' | 'reader'> | undefined {
  const passing: NodeMessage[] = [];
  let pooled = false;
  for (let value = maker.output[0] ?? ''; ; ) {
    const node = view.soleConsumer(value);
    if (!node || node.input[0] !== value) return undefined;
    const dims = weightsOf(node, view);
    if (node.opType === 'Gemm') return dims && pooled && isPlain(node) ? { passing, reader: node } : undefined;
    if (node.opType === 'Conv') {
      const group = intOf(node, 'group', 1);
      if (!dims) return undefined;
      if (group === 1) return { passing, reader: node };
      if (group !== channels || dims[0] !== channels) return undefined;
      passing.push(node);
    } else if (!byChannel.has(node.opType)) return undefined;
    // Flattened places would be columns of their own.
    else if (node.opType === 'Flatten' && !pooled) return undefined;
    pooled ||= node.opType === 'GlobalAveragePool';
    value = node.output[0] ?? '';
  }
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
