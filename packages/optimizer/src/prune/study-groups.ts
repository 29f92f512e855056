import type { NodeMessage, TensorMessage } from '../onnx/messages.ts';
import { floatTensor, tensorDims } from '../onnx/tensor.ts';
import type { ChannelGroup } from './channel-groups.ts';
import { readerColumns } from './layer-columns.ts';
import { type Moments, mostRows } from './second-moments.ts';
import { type Removal, removeChannels } from './surgeon.ts';

/** Kernels work on so many channels at a time. */
export const channelStep = 8;
/** Of a group's channels, so many may go. */
const mostOfGroup = 0.75;
/** With fewer places seen for each channel anything seems to follow from anything, and only of what was seen. */
const fewestRowsPerChannel = 10;

/** A group, and what its channels cost and save. */
export interface Studied {
  readonly group: ChannelGroup;
  readonly moments: Moments | undefined;
  /** In the order in which they would go, with what each costs as a share of the reader's results. */
  readonly removals: readonly Removal[];
  /** Multiplications that one channel takes in a picture. */
  readonly perChannel: number;
}

export function study(
  group: ChannelGroup,
  moments: Moments | undefined,
  constants: ReadonlyMap<string, TensorMessage>,
  places: ReadonlyMap<string, number>,
): Studied {
  const { maker, passing, reader, channels } = group;
  const most = Math.floor((channels * mostOfGroup) / channelStep) * channelStep;
  const columns = readerColumns(reader, constants);
  const seen = moments && moments.rows >= fewestRowsPerChannel * channels;
  if (!seen || !columns || most < channelStep) return { group, moments: undefined, removals: [], perChannel: 0 };
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

/** Why no group that was studied can lose channels. */
export function whyNone(studied: readonly Studied[], moments: ReadonlyMap<string, Moments>, count: number): string {
  const most = mostRows / fewestRowsPerChannel;
  const wide = studied.filter(({ group: { channels } }) => channels * mostOfGroup >= channelStep && channels <= most);
  if (wide.length === 0)
    return `those that could have fewer than ${Math.ceil(channelStep / mostOfGroup)} channels each, or more than ${most}`;
  const needed = wide.map(({ group: { channels, reader } }) => {
    const rows = moments.get(reader.input[0] ?? '')?.rows ?? 1;
    return Math.ceil((count * fewestRowsPerChannel * channels) / rows);
  });
  return `${count} pictures show each at fewer than ${fewestRowsPerChannel} places; give at least ${Math.min(...needed)}`;
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
