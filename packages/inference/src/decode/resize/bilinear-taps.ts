import type { Preprocessing } from '@rookery/contracts';

/** Which two samples of one axis make each output sample, and how much of the second is in it. */
export interface Taps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** `bilinear-half-pixel`: in 1/2048; `bilinear-align-corners`: 0 to 1. */
  readonly weight: Int32Array | Float64Array;
}

/** Bits after the point of OpenCV's weights (`INTER_RESIZE_COEF_BITS`). */
export const weightBits = 11;

/** Taps of outputs `from` to `from + count` when `size` samples become `resized`. */
export function bilinearTaps(
  kernel: Preprocessing['kernel'],
  size: number,
  resized: number,
  from: number,
  count: number,
): Taps {
  const exact = kernel === 'bilinear-align-corners';
  const low = new Int32Array(count);
  const high = new Int32Array(count);
  const weight = exact ? new Float64Array(count) : new Int32Array(count);
  const position = exact ? alignedCorners(size, resized) : halfPixel(size, resized);
  for (let i = 0; i < count; i++) {
    const tap = position(from + i);
    low[i] = tap.low;
    high[i] = Math.min(tap.low + 1, size - 1);
    weight[i] = tap.weight;
  }
  return { low, high, weight };
}

type Position = (index: number) => { low: number; weight: number };

/**
 * OpenCV's `INTER_LINEAR` (`modules/imgproc/src/resize.cpp`): `(i + 0.5) * size / resized - 0.5` in double, kept in single precision;
 * positions before the first and after the last sample take that sample; weights are rounded to 1/2048, halves to the even one.
 */
function halfPixel(size: number, resized: number): Position {
  const scale = size / resized;
  return (index) => {
    const at = Math.fround((index + 0.5) * scale - 0.5);
    const low = Math.floor(at);
    if (low < 0) return { low: 0, weight: 0 };
    if (low >= size - 1) return { low: size - 1, weight: 0 };
    return { low, weight: roundHalfEven(Math.fround(at - low) * (1 << weightBits)) };
  };
}

/**
 * TensorFlow 1's `resize_bilinear(align_corners=True)`: `i * (size - 1) / (resized - 1)`, in double as TensorFlow.js has it. Single precision,
 * as in Python, moves no value by more than 3e-5 of the range, and only in noise.
 */
function alignedCorners(size: number, resized: number): Position {
  const scale = resized > 1 ? (size - 1) / (resized - 1) : 0;
  return (index) => {
    const at = index * scale;
    const low = Math.min(Math.floor(at), size - 1);
    return { low, weight: at - low };
  };
}

function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
