import type { Sample } from '../sample.ts';

const [columns, rows] = [17, 16];
/** Of 256 bits: two pictures that differ in no more are views of one, such as one resized, turned brighter or compressed again. */
const near = 40;

/**
 * For each picture of a sample the number of its source. Pictures that look alike share one: difference hashes (is it brighter than its
 * neighbour on the right?) over a grid of 16 by 16.
 */
export function distinctSources(sample: Sample): number[] {
  const hashes = Array.from({ length: sample.count }, (_, n) => hashOf(sample, n));
  const source = hashes.map((_, n) => n);
  const rootOf = (n: number): number => {
    const up = source[n] ?? n;
    return up === n ? n : rootOf(up);
  };
  for (const [n, hash] of hashes.entries())
    for (let other = 0; other < n; other += 1)
      if (distance(hash, hashes[other] ?? hash) <= near) source[rootOf(n)] = rootOf(other);
  const roots = hashes.map((_, n) => rootOf(n));
  const numbers = new Map([...new Set(roots)].map((root, number) => [root, number]));
  return roots.map((root) => numbers.get(root) ?? 0);
}

function hashOf({ pixels, width, height }: Sample, picture: number): Uint32Array {
  const start = picture * width * height * 3;
  const shade = (column: number, row: number): number => {
    const [left, right] = [column, column + 1].map((edge) => Math.floor((edge * width) / columns));
    const [top, bottom] = [row, row + 1].map((edge) => Math.floor((edge * height) / rows));
    let [sum, count] = [0, 0];
    for (let y = top ?? 0; y < Math.max(bottom ?? 0, (top ?? 0) + 1); y += 1)
      for (let x = left ?? 0; x < Math.max(right ?? 0, (left ?? 0) + 1); x += 1) {
        const at = start + (Math.min(y, height - 1) * width + Math.min(x, width - 1)) * 3;
        sum += 0.299 * (pixels[at] ?? 0) + 0.587 * (pixels[at + 1] ?? 0) + 0.114 * (pixels[at + 2] ?? 0);
        count += 1;
      }
    return sum / count;
  };
  const hash = new Uint32Array(8);
  for (let row = 0, bit = 0; row < rows; row += 1)
    for (let column = 0; column + 1 < columns; column += 1, bit += 1)
      // Half a step apart, so that even areas, where noise decides, give zeros.
      if (shade(column + 1, row) > shade(column, row) + 0.5) hash[bit >> 5] = (hash[bit >> 5] ?? 0) | (1 << (bit & 31));
  return hash;
}

function distance(a: Uint32Array, b: Uint32Array): number {
  let count = 0;
  for (let n = 0; n < a.length; n += 1)
    for (let bits = (a[n] ?? 0) ^ (b[n] ?? 0); bits !== 0; bits &= bits - 1) count += 1;
  return count;
}
