import { RookeryError } from '@rookery/contracts';
import { attribute } from '../onnx/attributes.ts';
import { decodeModel, encodeModel } from '../onnx/codec.ts';
import { nameMaker } from '../onnx/graph-view.ts';
import type { ModelMessage, NodeMessage, TensorMessage } from '../onnx/messages.ts';
import { floatTensor, tensorDims, tensorNumbers } from '../onnx/tensor.ts';
import type { Sample } from '../sample.ts';
import { eachPicture } from '../watch-values.ts';
import { type ChannelGroup, channelGroups, obstacles } from './channel-groups.ts';
import { columnsOf, fromColumns } from './layer-columns.ts';
import { type Moments, mostRows, secondMoments } from './second-moments.ts';
import { type Removal, removeChannels } from './surgeon.ts';

export interface PruneOptions {
  /** Share of the multiplications in layers that can lose channels which is to go: more than 0, less than 1. */
  readonly share: number;
  readonly signal?: AbortSignal | undefined;
  readonly tell?: ((text: string) => void) | undefined;
}

export interface PrunedGraph {
  readonly graph: Uint8Array;
  readonly channels: { readonly removed: number; readonly of: number };
  /** Multiplications of a picture in these layers, before and after. */
  readonly multiplications: { readonly before: number; readonly after: number };
  /** By layer that made them: channels left and channels there were. */
  readonly layers: readonly { readonly layer: string; readonly left: number; readonly of: number }[];
}

/** Kernels work on so many channels at a time. */
const step = 8;
/** Of a group's channels, so many may go. */
const mostOfGroup = 0.75;
/** With fewer places seen for each channel anything seems to follow from anything, and only of what was seen. */
const fewestRowsPerChannel = 10;

/** Removes this share of the multiplications; each time from the graph as it was. */
export type ChannelPruner = (share: number) => PrunedGraph;

/**
 * Structured pruning: whole channels go, first those that cost the results least for the multiplications they save, and what remains makes
 * up for them by least squares over the calibration pictures. Channels that are always 0, or always what others already say, cost nothing and go first.
 * @throws {RookeryError} MODEL_INVALID where no layer's channels can go.
 */
export async function pruneChannels(graph: Uint8Array, pictures: Sample, options: PruneOptions): Promise<PrunedGraph> {
  const prune = await channelPruner(graph, pictures, options);
  options.tell?.('removing channels');
  return prune(options.share);
}

/** Looks at the pictures once, for several shares. @throws {RookeryError} MODEL_INVALID where no layer's channels can go. */
export async function channelPruner(
  graph: Uint8Array,
  pictures: Sample,
  { signal, tell }: Omit<PruneOptions, 'share'>,
): Promise<ChannelPruner> {
  const model = decodeModel(graph);
  const groups = channelGroups(model.graph);
  if (groups.length === 0)
    throw nothingToPrune(
      `what each convolution makes is added to other values, read by several layers, or treated over all channels at once (${obstacles(model.graph)})`,
    );
  tell?.(`looking at the channels of ${groups.length} groups of layers with ${pictures.count} pictures`);
  const names = groups.flatMap(({ maker, reader }) => [
    maker.output[0] ?? '',
    reader.input[0] ?? '',
    reader.output[0] ?? '',
  ]);
  const places = new Map<string, number>();
  const moments = await secondMoments(
    model,
    groups.map(({ reader }) => reader.input[0] ?? ''),
    pictures,
    signal,
  );
  await measurePlaces(model, names, pictures, places, signal);
  const constants = constantsOf(model);
  const studied = groups.map((group) => {
    signal?.throwIfAborted();
    return study(group, moments.get(group.reader.input[0] ?? ''), constants, places);
  });
  if (studied.every(({ removals }) => removals.length === 0)) throw nothingToPrune(whyNone(studied, moments, pictures));
  return (share) => cutAll(graph, studied, chooseCounts(studied, share), signal);
}

const nothingToPrune = (detail: string): RookeryError =>
  new RookeryError('MODEL_INVALID', { detail: `no layer has channels that can go: ${detail}` });

function whyNone(studied: readonly Studied[], moments: ReadonlyMap<string, Moments>, { count }: Sample): string {
  const most = mostRows / fewestRowsPerChannel;
  const wide = studied.filter(({ group: { channels } }) => channels * mostOfGroup >= step && channels <= most);
  if (wide.length === 0)
    return `those that could have fewer than ${Math.ceil(step / mostOfGroup)} channels each, or more than ${most}`;
  const needed = wide.map(({ group: { channels, reader } }) => {
    const rows = moments.get(reader.input[0] ?? '')?.rows ?? 1;
    return Math.ceil((count * fewestRowsPerChannel * channels) / rows);
  });
  return `${count} pictures show each at fewer than ${fewestRowsPerChannel} places; give at least ${Math.min(...needed)}`;
}

function cutAll(
  graph: Uint8Array,
  studied: readonly Studied[],
  counts: readonly number[],
  signal: AbortSignal | undefined,
): PrunedGraph {
  const model = decodeModel(graph);
  const groups = channelGroups(model.graph);
  const constants = constantsOf(model);
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

const constantsOf = (model: ModelMessage): Map<string, TensorMessage> =>
  new Map(model.graph.initializer.map((each) => [each.name, each]));

interface Studied {
  readonly group: ChannelGroup;
  readonly moments: Moments | undefined;
  /** In the order in which they would go, with what each costs as a share of the reader's results. */
  readonly removals: readonly Removal[];
  /** Multiplications that one channel takes in a picture. */
  readonly perChannel: number;
}

function study(
  group: ChannelGroup,
  moments: Moments | undefined,
  constants: ReadonlyMap<string, TensorMessage>,
  places: ReadonlyMap<string, number>,
): Studied {
  const { maker, passing, reader, channels } = group;
  const most = Math.floor((channels * mostOfGroup) / step) * step;
  const columns = readerColumns(reader, constants);
  const seen = moments && moments.rows >= fewestRowsPerChannel * channels;
  if (!seen || !columns || most < step) return { group, moments: undefined, removals: [], perChannel: 0 };
  const energy = energyOf(moments, columns.weights, columns.rows);
  const removals = removeChannels(moments, columns, most).map(({ channel, cost }) => ({
    channel,
    cost: cost / energy,
  }));
  const numbersOf = (node: NodeMessage): number =>
    tensorDims(constants.get(node.input[1] ?? '') ?? floatTensor('', [0], [])).reduce(
      (product, dim) => product * dim,
      1,
    );
  const at = (name: string | undefined): number => places.get(name ?? '') ?? 1;
  const multiplications =
    numbersOf(maker) * at(maker.output[0]) +
    passing.reduce((sum, node) => sum + numbersOf(node) * at(reader.input[0]), 0) +
    numbersOf(reader) * at(reader.output[0]);
  return { group, moments, removals, perChannel: multiplications / channels };
}

/** In steps of eight channels, always those that cost least for what they save, until the share is reached. */
function chooseCounts(studied: readonly Studied[], share: number): number[] {
  const counts = studied.map(() => 0);
  const target = share * studied.reduce((sum, { group, perChannel }) => sum + group.channels * perChannel, 0);
  for (let saved = 0; saved < target; ) {
    let [best, price] = [-1, Infinity];
    for (const [n, { removals, perChannel }] of studied.entries()) {
      const next = removals.slice(counts[n], (counts[n] ?? 0) + step);
      const cost = next.reduce((sum, removal) => sum + removal.cost, 0) / (perChannel * step);
      if (next.length === step && cost < price) [best, price] = [n, cost];
    }
    if (best < 0) break;
    counts[best] = (counts[best] ?? 0) + step;
    saved += step * (studied[best]?.perChannel ?? 0);
  }
  return counts;
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

function readerColumns(reader: NodeMessage, constants: ReadonlyMap<string, TensorMessage>) {
  const weights = constants.get(reader.input[1] ?? '');
  return weights && columnsOf(reader, weights, constants.get(reader.input[2] ?? ''));
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

/** Sum of the squares of what the columns make of all that was seen. */
function energyOf({ products, size }: Moments, weights: Float64Array, rows: number): number {
  let energy = 0;
  const through = new Float64Array(size);
  for (let row = 0; row < rows; row += 1) {
    through.fill(0);
    for (let i = 0; i < size; i += 1) {
      const weight = weights[row * size + i] as number;
      if (weight === 0) continue;
      for (let j = 0; j < size; j += 1)
        through[j] = (through[j] as number) + weight * (products[i * size + j] as number);
    }
    for (let j = 0; j < size; j += 1) energy += (through[j] as number) * (weights[row * size + j] as number);
  }
  return Math.max(energy, Number.MIN_VALUE);
}

async function measurePlaces(
  model: ModelMessage,
  names: readonly string[],
  pictures: Sample,
  places: Map<string, number>,
  signal: AbortSignal | undefined,
): Promise<void> {
  await eachPicture(model, names, { ...pictures, count: 1 }, signal, (name, { dims }, data) => {
    places.set(name, data.length / (dims[1] ?? 1));
  });
}
