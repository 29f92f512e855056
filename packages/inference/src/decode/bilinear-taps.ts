import type { Preprocessing } from '@rookery/contracts';

/** Which two samples of one axis make each output sample, and how much of the second is in it. */
export interface Taps {
  readonly low: BigInt64Array;
  readonly high: BigInt64Array;
  readonly weight: Float32Array;
}

/**
 * Taps of outputs `from` to `from + count` when `size` samples become `resized`.
 *
 * - `bilinear-half-pixel`: OpenCV's `INTER_LINEAR` (`resize.cpp`): `(i + 0.5) * size / resized - 0.5` in double, kept as float;
 *   positions before the first and after the last sample take that sample; weights are multiples of 1/2048, as its fixed point has them.
 * - `bilinear-align-corners`: TensorFlow 1's `resize_bilinear(align_corners=True)`: `i * (size - 1) / (resized - 1)` in float.
 */
export function bilinearTaps(
  kernel: Preprocessing['kernel'],
  size: number,
  resized: number,
  from = 0,
  count = resized,
): Taps {
  const taps = { low: new BigInt64Array(count), high: new BigInt64Array(count), weight: new Float32Array(count) };
  const position = kernel === 'bilinear-align-corners' ? alignedCorners(size, resized) : halfPixel(size, resized);
  for (let i = 0; i < count; i++) {
    const { low, weight } = position(from + i);
    taps.low[i] = BigInt(low);
    taps.high[i] = BigInt(Math.min(low + 1, size - 1));
    taps.weight[i] = weight;
  }
  return taps;
}

type Position = (index: number) => { low: number; weight: number };

function halfPixel(size: number, resized: number): Position {
  const scale = size / resized;
  return (index) => {
    const at = Math.fround((index + 0.5) * scale - 0.5);
    const low = Math.floor(at);
    if (low < 0) return { low: 0, weight: 0 };
    if (low >= size - 1) return { low: size - 1, weight: 0 };
    return { low, weight: Math.round(Math.fround(at - low) * 2048) / 2048 };
  };
}

function alignedCorners(size: number, resized: number): Position {
  const scale = resized > 1 ? Math.fround((size - 1) / (resized - 1)) : 0;
  return (index) => {
    const at = Math.fround(index * scale);
    const low = Math.min(Math.floor(at), size - 1);
    return { low, weight: Math.fround(at - low) };
  };
}
