import type { ModelMessage } from '../onnx/messages.ts';
import type { Sample } from '../sample.ts';
import { eachPicture } from '../watch-values.ts';

/** How the channels of a value go together, over places and pictures. */
export interface Moments {
  /** Sums of products of each two channels, row by row; the last row and column are of a constant 1. Size (channels + 1) squared. */
  readonly products: Float64Array;
  readonly size: number;
  /** Places that were looked at, in all pictures together. */
  readonly rows: number;
}

/** More places say no more about a few hundred channels. */
export const mostRows = 4000;

/** Second moments of the channels (the second axis) of each named value. */
export async function secondMoments(
  model: ModelMessage,
  names: readonly string[],
  sample: Sample,
  signal?: AbortSignal,
): Promise<Map<string, Moments>> {
  const moments = new Map<string, Moments & { rows: number }>();
  const perPicture = Math.max(1, Math.floor(mostRows / sample.count));
  await eachPicture(model, names, sample, signal, (name, { dims }, data) => {
    const channels = dims[1] ?? 1;
    const places = data.length / channels;
    const size = channels + 1;
    const known = moments.get(name) ?? { products: new Float64Array(size * size), size, rows: 0 };
    moments.set(name, known);
    // Every so many places, with a step that shares no factor with most widths.
    const step = Math.max(1, Math.floor(places / perPicture)) | 1;
    const row = new Float64Array(size);
    row[channels] = 1;
    for (let place = 0; place < places; place += step) {
      for (let channel = 0; channel < channels; channel += 1) row[channel] = data[channel * places + place] ?? 0;
      addProducts(known.products, row);
      known.rows += 1;
    }
  });
  for (const { products, size } of moments.values()) mirror(products, size);
  return moments;
}

/** The upper triangle alone. */
function addProducts(products: Float64Array, row: Float64Array): void {
  const size = row.length;
  for (let i = 0; i < size; i += 1) {
    const value = row[i] as number;
    if (value === 0) continue;
    for (let j = i, at = i * size + i; j < size; j += 1, at += 1)
      products[at] = (products[at] as number) + value * (row[j] as number);
  }
}

function mirror(products: Float64Array, size: number): void {
  for (let i = 0; i < size; i += 1)
    for (let j = 0; j < i; j += 1) products[i * size + j] = products[j * size + i] as number;
}
