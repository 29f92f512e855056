import type { ModelMessage } from '../onnx/messages.ts';
import type { Sample } from '../sample.ts';
import { eachPicture } from '../watch-values.ts';

/** What a value of the graph was with the pictures. */
export interface Observation {
  readonly low: number;
  readonly high: number;
  /** How many numbers fell into each of `bins` equal parts from `low` to `high`. */
  readonly counts: Float64Array;
  /** Mean of each channel, the second axis. */
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

/**
 * The range, the histogram and the channels' means of each named value. Two passes, one picture after the other: only one picture's
 * values are held.
 */
export async function observe(
  model: ModelMessage,
  names: readonly string[],
  sample: Sample,
  signal?: AbortSignal,
): Promise<Map<string, Observation>> {
  const found = new Map<string, Counting>();
  await eachPicture(model, names, sample, signal, (name, { dims }, data) => {
    const channels = dims[1] ?? 1;
    const counting = found.get(name) ?? {
      low: Infinity,
      high: -Infinity,
      numbers: 0,
      counts: new Float64Array(bins),
      sums: new Float64Array(channels),
      sizes: new Float64Array(channels),
    };
    widen(counting, data, channels);
    found.set(name, counting);
  });
  await eachPicture(model, names, sample, signal, (name, _, data) => count(found.get(name), data));
  return new Map(
    [...found].map(([name, { low, high, counts, sums, sizes, numbers }]) => {
      const each = numbers / sums.length;
      return [name, { low, high, counts, channelMeans: sums.map((sum) => sum / each), channelSizes: sizes }];
    }),
  );
}

function widen(counting: Counting, data: Float32Array, channels: number): void {
  const inner = data.length / channels;
  let { low, high } = counting;
  for (let channel = 0, at = 0; channel < channels; channel += 1) {
    let [sum, size] = [0, counting.sizes[channel] ?? 0];
    for (let n = 0; n < inner; n += 1, at += 1) {
      const value = data[at] as number;
      if (value < low) low = value;
      if (value > high) high = value;
      if (Math.abs(value) > size) size = Math.abs(value);
      sum += value;
    }
    counting.sizes[channel] = size;
    counting.sums[channel] = (counting.sums[channel] ?? 0) + sum;
  }
  counting.low = low;
  counting.high = high;
  counting.numbers += data.length;
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
