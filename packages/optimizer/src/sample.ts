import type { Tensor } from 'onnxruntime-node';
import { tensor } from './session.ts';

/** Pictures as a serving graph takes them. */
export interface Sample {
  /** `[count, height, width, 3]`, RGB from 0 to 255, of the graph's own input type. */
  readonly pixels: Uint8Array | Float32Array;
  readonly count: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** Some of a sample's pictures, in the order of their places. */
export function pick({ pixels, width, height }: Sample, places: readonly number[]): Sample {
  const size = width * height * 3;
  const length = places.length * size;
  const picked = pixels instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  for (const [to, from] of places.entries()) picked.set(pixels.subarray(from * size, (from + 1) * size), to * size);
  return { pixels: picked, count: places.length, width, height };
}

/** The first pictures, at most so many. */
export const firstOf = (sample: Sample, most: number): Sample => ({ ...sample, count: Math.min(sample.count, most) });

/** The pictures from `first` on as a graph's input: as many as `rows`, or as are left. */
export function feedOf({ pixels, count, width, height }: Sample, first: number, rows: number): Promise<Tensor> {
  const size = width * height * 3;
  const last = Math.min(count, first + rows);
  const type = pixels instanceof Uint8Array ? 'uint8' : 'float32';
  return tensor(type, pixels.slice(first * size, last * size), [last - first, height, width, 3]);
}
