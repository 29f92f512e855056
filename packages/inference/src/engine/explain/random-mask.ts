import { seededRandom } from '@rookery/contracts';

/** Cells that are seen or not, in each direction, before they are made smooth. */
const grid = 7;

/** @returns Draws the mask at a size: width x height values from 0 (covered) to 1 (seen). The same number gives the same mask. */
export function randomMask(number: number): (width: number, height: number) => Float32Array {
  const next = seededRandom(Math.imul(number + 1, 0x9e3779b1));
  const points = Array.from({ length: (grid + 2) ** 2 }, () => (next() < 0.5 ? 0 : 1));
  const [right, down] = [next(), next()];
  return (width, height) => {
    const out = new Float32Array(width * height);
    for (let y = 0; y < height; y += 1) {
      const v = ((y + 0.5) / height) * grid + down;
      const [top, lower] = [Math.floor(v), v - Math.floor(v)];
      for (let x = 0; x < width; x += 1) {
        const u = ((x + 0.5) / width) * grid + right;
        const [left, later] = [Math.floor(u), u - Math.floor(u)];
        const at = top * (grid + 2) + left;
        const above = (points[at] ?? 0) * (1 - later) + (points[at + 1] ?? 0) * later;
        const below = (points[at + grid + 2] ?? 0) * (1 - later) + (points[at + grid + 3] ?? 0) * later;
        out[y * width + x] = above * (1 - lower) + below * lower;
      }
    }
    return out;
  };
}
