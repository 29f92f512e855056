import { now } from '../../messages.ts';
import type { Engine } from '../engine.ts';
import { randomMask } from './random-mask.ts';

/** Pictures that are classified for one explanation. More make the error smaller, with their square root. */
const mostMasks = 400;
/** So many however long they take: with fewer a map is chance. */
const leastMasks = 64;
/** For one picture. */
const longestMs = 20_000;
/** Cells of a map in each direction. */
const cells = 14;

export interface RiseMaps {
  readonly columns: number;
  readonly rows: number;
  /** A map for each class, one after the other. */
  readonly maps: Float32Array;
  /** Standard error of a cell as a share of the largest value, mean over cells and classes. */
  readonly error: number;
}

export interface RisePicture {
  readonly pixels: Uint8Array | Float32Array;
  readonly width: number;
  readonly height: number;
  readonly classes: readonly number[];
}

export interface RiseOptions {
  /** Masked pictures at a time. */
  readonly batch: number;
  /** Called after each batch. */
  readonly alive: () => void;
  /** Longest time for the picture, unless the least of masks take longer. Default: 20 s. */
  readonly limitMs?: number;
}

/**
 * RISE (Petsiuk et al., 2018), for models of which nothing is known: parts of the picture fade at random to its mean colour, and a cell
 * counts as much as the score of a class goes with its being seen. Always the same masks, so the same map, unless the model is so slow that
 * there is time for fewer.
 */
export async function rise(
  engine: Pick<Engine, 'write' | 'run' | 'rowsOf'>,
  picture: RisePicture,
  { batch, alive, limitMs = longestMs }: RiseOptions,
): Promise<RiseMaps> {
  const { pixels, width, height, classes } = picture;
  const mean = meanColour(pixels);
  const seen: Float32Array[] = [];
  const scores = classes.map((): number[] => []);
  const startedAt = now();
  const isTime = (): boolean => seen.length < leastMasks || now() - startedAt < limitMs;
  for (let first = 0; first < mostMasks && isTime(); first += batch) {
    const count = Math.min(batch, mostMasks - first);
    for (let place = 0; place < count; place += 1) {
      const mask = randomMask(first + place);
      engine.write(place, faded(pixels, mean, mask(width, height)));
      seen.push(mask(cells, cells));
    }
    const all = await engine.run(count);
    const perPicture = all.length / engine.rowsOf(count);
    for (let place = 0; place < count; place += 1)
      for (const [n, index] of classes.entries()) {
        const of = scores[n];
        if (of) of[first + place] = all[place * perPicture + index] ?? 0;
      }
    alive();
  }
  return { columns: cells, rows: cells, ...slopes(seen, scores) };
}

/** Of each class's score on each cell's visibility, by least squares, with their standard errors. */
function slopes(seen: readonly Float32Array[], scores: readonly (readonly number[])[]) {
  const count = seen.length;
  const maps = new Float32Array(scores.length * cells * cells);
  let error = 0;
  for (const [n, of] of scores.entries()) {
    const mean = of.reduce((a, b) => a + b, 0) / count;
    let [errors, largest] = [0, 0];
    for (let cell = 0; cell < cells * cells; cell += 1) {
      const visible = seen.reduce((sum, mask) => sum + (mask[cell] ?? 0), 0) / count;
      let [sum, squares, variance] = [0, 0, 0];
      for (const [m, mask] of seen.entries()) {
        const apart = (mask[cell] ?? 0) - visible;
        const product = ((of[m] ?? 0) - mean) * apart;
        sum += product;
        squares += product * product;
        variance += apart * apart;
      }
      const slope = sum / variance;
      maps[n * cells * cells + cell] = slope;
      largest = Math.max(largest, slope);
      errors += Math.sqrt(Math.max(0, squares - (sum * sum) / count)) / variance;
    }
    error += largest > 0 ? errors / (cells * cells) / largest / scores.length : 1 / scores.length;
  }
  return { maps, error };
}

function meanColour(pixels: Uint8Array | Float32Array): readonly number[] {
  const sums = [0, 0, 0];
  for (let at = 0; at < pixels.length; at += 1) sums[at % 3] = (sums[at % 3] ?? 0) + (pixels[at] ?? 0);
  return sums.map((sum) => sum / (pixels.length / 3));
}

function faded(pixels: Uint8Array | Float32Array, mean: readonly number[], mask: Float32Array): Float32Array {
  const out = new Float32Array(pixels.length);
  for (let at = 0; at < out.length; at += 1) {
    const base = mean[at % 3] ?? 0;
    out[at] = Math.round(base + ((pixels[at] ?? 0) - base) * (mask[Math.floor(at / 3)] ?? 0));
  }
  return out;
}
