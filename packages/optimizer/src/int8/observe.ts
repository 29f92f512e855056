import type { ModelMessage } from '../onnx/messages.ts';
import type { Sample } from '../sample.ts';
import { eachPicture } from '../watch-values.ts';

/** What a value of the graph was with the pictures. */
export interface Observation {
  readonly low: number;
  readonly high: number;
  /** How many numbers fell into each of `bins` equal parts from `low` to `high`. */
  readonly counts: Float64Array;
  /** Mean of each channel: along the second axis, or the last. */
  readonly channelMeans: Float64Array;
  /** The size of each channel's largest number, without its sign. */
  readonly channelSizes: Float64Array;
}

const bins = 2048;

interface Counting {
  low: number;
  high: number;
  numbers: number;
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  readonly sizes: Float64Array;
}

export interface ObserveOptions {
  /** Values whose channels are their last axis; of others they are the second. */
  readonly channelsLast: ReadonlySet<string>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The range, the histogram and the channels' means of each named value, once for each part of the pictures. Two passes, one picture after
 * the other: only one picture's values are held.
 *
 * `parts`: the places of the pictures of each; a picture may be in several.
 */
export async function observe(
  model: ModelMessage,
  names: readonly string[],
  sample: Sample,
  parts: readonly ReadonlySet<number>[],
  { channelsLast, signal }: ObserveOptions,
): Promise<Map<string, Observation>[]> {
  const found = parts.map(() => new Map<string, Counting>());
  const partsOf = (picture: number): Map<string, Counting>[] => found.filter((_, n) => parts[n]?.has(picture));
  await eachPicture(model, names, sample, signal, (name, { dims }, data, picture) => {
    const last = channelsLast.has(name);
    const channels = (last ? dims.at(-1) : dims[1]) ?? 1;
    const seen = summarise(data, channels, last);
    for (const part of partsOf(picture)) part.set(name, joinedWith(part.get(name), seen));
  });
  await eachPicture(model, names, sample, signal, (name, _, data, picture) => {
    for (const part of partsOf(picture)) count(part.get(name), data);
  });
  return found.map((part) => new Map([...part].map(([name, counting]) => [name, observationOf(counting)])));
}

function observationOf({ low, high, counts, sums, sizes, numbers }: Counting): Observation {
  const each = numbers / sums.length;
  return { low, high, counts, channelMeans: sums.map((sum) => sum / each), channelSizes: sizes };
}

type Summary = Omit<Counting, 'counts'>;

function summarise(data: Float32Array, channels: number, last: boolean): Summary {
  const [sums, sizes] = [new Float64Array(channels), new Float64Array(channels)];
  const inner = last ? 1 : data.length / channels;
  let [low, high] = [Infinity, -Infinity];
  for (let at = 0, channel = 0; at < data.length; channel = channel + 1 === channels ? 0 : channel + 1) {
    let [sum, size] = [0, sizes[channel] as number];
    for (const end = at + inner; at < end; at += 1) {
      const value = data[at] as number;
      if (value < low) low = value;
      if (value > high) high = value;
      if (Math.abs(value) > size) size = Math.abs(value);
      sum += value;
    }
    sizes[channel] = size;
    sums[channel] = (sums[channel] as number) + sum;
  }
  return { low, high, numbers: data.length, sums, sizes };
}

function joinedWith(counting: Counting | undefined, seen: Summary): Counting {
  const { sums, sizes, ...rest } = seen;
  if (!counting) return { ...rest, counts: new Float64Array(bins), sums: sums.slice(), sizes: sizes.slice() };
  counting.low = Math.min(counting.low, seen.low);
  counting.high = Math.max(counting.high, seen.high);
  counting.numbers += seen.numbers;
  for (let channel = 0; channel < sums.length; channel += 1) {
    counting.sums[channel] = (counting.sums[channel] ?? 0) + (sums[channel] ?? 0);
    counting.sizes[channel] = Math.max(counting.sizes[channel] ?? 0, sizes[channel] ?? 0);
  }
  return counting;
}

function count(counting: Counting | undefined, data: Float32Array): void {
  if (!counting) return;
  const { low, high, counts } = counting;
  const scale = high > low ? bins / (high - low) : 0;
  for (let at = 0; at < data.length; at += 1) {
    const bin = Math.min(bins - 1, ((data[at] as number) - low) * scale) | 0;
    (counts[bin] as number)++;
  }
}
