import { attribute } from '../onnx/attributes.ts';
import { decodeModel, encodeModel } from '../onnx/codec.ts';
import { constantsOf, nameMaker } from '../onnx/graph-view.ts';
import type { TensorMessage } from '../onnx/messages.ts';
import { floatTensor, tensorDims, tensorNumbers } from '../onnx/tensor.ts';
import { type ChannelGroup, channelGroups } from './channel-groups.ts';
import { fromColumns, readerColumns } from './layer-columns.ts';
import type { Moments } from './second-moments.ts';
import type { Studied } from './study-groups.ts';
import { removeChannels } from './surgeon.ts';

export interface PrunedGraph {
  readonly graph: Uint8Array;
  readonly channels: { readonly removed: number; readonly of: number };
  /** Multiplications of a picture in these layers, before and after. */
  readonly multiplications: { readonly before: number; readonly after: number };
  /** By layer that made them: channels left and channels there were. */
  readonly layers: readonly { readonly layer: string; readonly left: number; readonly of: number }[];
}

/** The graph without as many channels of each group as `counts` says; the layers that read them make up for what is gone. */
export function cutChannels(
  graph: Uint8Array,
  studied: readonly Studied[],
  counts: readonly number[],
  signal: AbortSignal | undefined,
): PrunedGraph {
  const model = decodeModel(graph);
  const groups = channelGroups(model.graph);
  const constants = constantsOf(model.graph);
  const fresh = nameMaker(model.graph);
  for (const [n, group] of groups.entries()) {
    signal?.throwIfAborted();
    const count = counts[n] ?? 0;
    const moments = studied[n]?.moments;
    if (moments && count > 0) cut(group, moments, count, constants, fresh);
  }
  model.graph.initializer = [...constants.values()];
  model.graph.valueInfo = [];
  const before = studied.reduce((sum, { group, perChannel }) => sum + group.channels * perChannel, 0);
  const saved = studied.reduce((sum, { perChannel }, n) => sum + (counts[n] ?? 0) * perChannel, 0);
  return {
    graph: encodeModel(model),
    channels: {
      removed: counts.reduce((sum, count) => sum + count, 0),
      of: groups.reduce((sum, { channels }) => sum + channels, 0),
    },
    multiplications: { before, after: before - saved },
    layers: groups.map(({ maker, channels }, n) => ({
      layer: maker.output[0] ?? '',
      left: channels - (counts[n] ?? 0),
      of: channels,
    })),
  };
}

function cut(
  group: ChannelGroup,
  moments: Moments,
  count: number,
  constants: Map<string, TensorMessage>,
  fresh: (base: string) => string,
): void {
  const { maker, passing, reader, channels } = group;
  const columns = readerColumns(reader, constants);
  const weights = constants.get(reader.input[1] ?? '');
  if (!columns || !weights) return;
  const gone = new Set(removeChannels(moments, columns, count).map(({ channel }) => channel));
  const stay = Array.from({ length: channels }, (_, n) => n).filter((channel) => !gone.has(channel));
  for (const node of [maker, ...passing])
    for (const name of node.input.slice(1, 3)) {
      const tensor = constants.get(name);
      if (tensor) constants.set(name, rowsOf(tensor, stay));
    }
  for (const node of passing)
    node.attribute = [...node.attribute.filter(({ name }) => name !== 'group'), attribute('group', stay.length)];
  const made = fromColumns(reader, weights, reader.input[2] || fresh('bias'), columns, stay);
  constants.set(made.weights.name, made.weights);
  constants.set(made.bias.name, made.bias);
  reader.input = [reader.input[0] ?? '', made.weights.name, made.bias.name];
}

function rowsOf(tensor: TensorMessage, stay: readonly number[]): TensorMessage {
  const [count = 1, ...rest] = tensorDims(tensor);
  const values = tensorNumbers(tensor);
  const length = values.length / count;
  const left = new Float32Array(stay.length * length);
  for (const [to, row] of stay.entries())
    for (let at = 0; at < length; at += 1) left[to * length + at] = values[row * length + at] ?? 0;
  return floatTensor(tensor.name, [stay.length, ...rest], left);
}
