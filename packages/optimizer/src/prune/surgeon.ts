import type { Moments } from './second-moments.ts';

/** What a layer computes from each place's channels: rows x (channels + 1), the last column being the bias. */
export interface Columns {
  readonly weights: Float64Array;
  readonly rows: number;
}

export interface Removal {
  readonly channel: number;
  /** Squared error of the layer's results that this removal adds, after the others have made up for it; summed as the moments are. */
  readonly cost: number;
}

/** So much of the mean square is added to each: moments of few places have no inverse. */
const ridge = 1e-3;

/**
 * Removes channels one after the other, always the one whose loss the remaining channels (and the bias) can best make up for, and changes
 * their weights so that they do: the optimal brain surgeon (Hassibi and Stork, 1993) with the channels of a layer. The weights that remain
 * are those of least squares over the places that the moments were taken from.
 *
 * `columns.weights` is changed in place; removed columns are 0 afterwards.
 */
export function removeChannels({ products, size }: Moments, columns: Columns, count: number): Removal[] {
  const inverse = inverted(products, size);
  const { weights, rows } = columns;
  const channels = size - 1;
  const gone = new Uint8Array(channels);
  const removals: Removal[] = [];
  const norms = new Float64Array(channels);
  for (let n = 0; n < count; n += 1) {
    norms.fill(0);
    for (let row = 0; row < rows; row += 1)
      for (let channel = 0; channel < channels; channel += 1)
        norms[channel] = (norms[channel] as number) + (weights[row * size + channel] as number) ** 2;
    let [channel, cost] = [-1, Infinity];
    for (let each = 0; each < channels; each += 1) {
      if (gone[each]) continue;
      const own = (norms[each] as number) / (inverse[each * size + each] as number);
      if (own < cost) [channel, cost] = [each, own];
    }
    if (channel < 0) break;
    gone[channel] = 1;
    removals.push({ channel, cost });
    takeOut(inverse, weights, rows, size, channel);
  }
  return removals;
}

function takeOut(inverse: Float64Array, weights: Float64Array, rows: number, size: number, channel: number): void {
  const line = inverse.slice(channel * size, (channel + 1) * size);
  const own = line[channel] as number;
  for (let row = 0; row < rows; row += 1) {
    const share = (weights[row * size + channel] as number) / own;
    if (share === 0) continue;
    for (let at = 0; at < size; at += 1)
      weights[row * size + at] = (weights[row * size + at] as number) - share * (line[at] as number);
    weights[row * size + channel] = 0;
  }
  for (let i = 0; i < size; i += 1) {
    const share = (line[i] as number) / own;
    if (share === 0) continue;
    for (let j = 0; j < size; j += 1)
      inverse[i * size + j] = (inverse[i * size + j] as number) - share * (line[j] as number);
  }
  // What is gone takes part no more.
  for (let i = 0; i < size; i += 1) {
    inverse[i * size + channel] = 0;
    inverse[channel * size + i] = 0;
  }
}

/** Of the moments with the ridge, which are symmetric and positive: Gauss and Jordan, without looking for pivots. */
function inverted(products: Float64Array, size: number): Float64Array {
  const matrix = products.slice();
  let mean = 0;
  for (let i = 0; i < size - 1; i += 1) mean += (matrix[i * size + i] as number) / (size - 1);
  for (let i = 0; i < size; i += 1)
    matrix[i * size + i] = (matrix[i * size + i] as number) + Math.max(mean * ridge, 1e-12);
  for (let k = 0; k < size; k += 1) {
    const pivot = 1 / (matrix[k * size + k] as number);
    matrix[k * size + k] = 1;
    for (let j = 0; j < size; j += 1) matrix[k * size + j] = (matrix[k * size + j] as number) * pivot;
    for (let i = 0; i < size; i += 1) {
      const factor = matrix[i * size + k] as number;
      if (i === k || factor === 0) continue;
      matrix[i * size + k] = 0;
      for (let j = 0; j < size; j += 1)
        matrix[i * size + j] = (matrix[i * size + j] as number) - factor * (matrix[k * size + j] as number);
    }
  }
  return matrix;
}
