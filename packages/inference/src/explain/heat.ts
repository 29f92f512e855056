import type { PictureArea } from './explanation.ts';

/** From 0 to 1, by the largest; what is negative or no number is 0. */
export function normalised(values: ArrayLike<number>): Float32Array {
  const heat = Float32Array.from(values, (value) => Math.max(0, value) || 0);
  const most = heat.reduce((a, b) => Math.max(a, b), 0);
  return most > 0 ? heat.map((value) => value / most) : heat;
}

interface HeatGrid {
  readonly heat: Float32Array;
  readonly columns: number;
  readonly rows: number;
  readonly area: PictureArea;
}

/**
 * The map at the size of a picture: bilinear between the centres of the cells, the edge cells reaching to the edge of the area, 0 outside.
 * @returns width x height bytes, rows from the top.
 */
export function heatOfPicture({ heat, columns, rows, area }: HeatGrid, width: number, height: number): Uint8Array {
  const across = taps(columns, area.left, area.width, width);
  const down = taps(rows, area.top, area.height, height);
  const out = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    const row = down[y];
    if (!row) continue;
    const [above, below] = [row.low * columns, row.high * columns];
    for (let x = 0; x < width; x += 1) {
      const column = across[x];
      if (!column) continue;
      const upper = mix(heat[above + column.low] ?? 0, heat[above + column.high] ?? 0, column.share);
      const lower = mix(heat[below + column.low] ?? 0, heat[below + column.high] ?? 0, column.share);
      out[y * width + x] = Math.round(255 * mix(upper, lower, row.share));
    }
  }
  return out;
}

interface Tap {
  readonly low: number;
  readonly high: number;
  readonly share: number;
}

/** For each pixel of an axis the two cells between whose centres it lies; `undefined` outside of the area. */
function taps(cells: number, start: number, extent: number, pixels: number): (Tap | undefined)[] {
  return Array.from({ length: pixels }, (_, pixel) => {
    const place = ((pixel + 0.5) / pixels - start) / extent;
    if (place < 0 || place > 1) return undefined;
    const at = Math.min(cells - 1, Math.max(0, place * cells - 0.5));
    const low = Math.floor(at);
    return { low, high: Math.min(cells - 1, low + 1), share: at - low };
  });
}

const mix = (a: number, b: number, share: number): number => a + (b - a) * share;
