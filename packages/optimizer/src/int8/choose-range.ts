import { RookeryError } from '@rookery/contracts';
import type { Observation } from './observe.ts';

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** How the range that bytes stand for is chosen; what lies outside of it is cut to its ends. */
export const rangeMethods = ['min-max', 'percentile', 'entropy', 'mse'] as const;
export type RangeMethod = (typeof rangeMethods)[number];

/** Of the numbers at each end, so many are cut by `percentile`. */
const cutShare = 1e-4;
/** Ranges that `mse` and `entropy` try: from the whole one down to a fifth of it. */
const shares = Array.from({ length: 81 }, (_, n) => 1 - n / 100);

/** @throws {RookeryError} INTERNAL for a range that is not of numbers. */
export function chooseRange(seen: Observation, method: RangeMethod): Range {
  const { low, high } = seen;
  if (!(low <= high)) throw new RookeryError('INTERNAL', { detail: `range from ${low} to ${high}` });
  if (method === 'min-max' || low === high) return { low, high };
  if (method === 'percentile') return percentiles(seen);
  const cost = method === 'mse' ? squaredError : divergence;
  const ranges = shares.map((share) => ({ low: low * share, high: high * share }));
  const costs = ranges.map((range) => cost(seen, range));
  return ranges[costs.indexOf(Math.min(...costs))] ?? { low, high };
}

function percentiles({ low, high, counts }: Observation): Range {
  const width = (high - low) / counts.length;
  const most = counts.reduce((sum, count) => sum + count, 0) * cutShare;
  const edge = (order: readonly number[]): number => {
    let passed = 0;
    for (const bin of order) {
      passed += counts[bin] ?? 0;
      if (passed > most) return bin;
    }
    return 0;
  };
  const upwards = [...counts.keys()];
  return { low: low + edge(upwards) * width, high: low + (edge(upwards.toReversed()) + 1) * width };
}

/** Expected squared difference between a number and its byte. */
function squaredError({ low, high, counts }: Observation, range: Range): number {
  const width = (high - low) / counts.length;
  const rounding = ((range.high - Math.min(0, range.low)) / 255) ** 2 / 12;
  let sum = 0;
  for (const [bin, count] of counts.entries()) {
    const value = low + (bin + 0.5) * width;
    const beyond = Math.max(0, value - range.high, range.low - value);
    sum += count * (beyond > 0 ? beyond ** 2 : rounding);
  }
  return sum;
}

/**
 * Kullback-Leibler divergence of the bytes' distribution from the numbers' own: what is cut counts at the ends, and each byte's numbers
 * spread evenly over the bins that it stands for and that had any. Zeros, of which activations have many, are exact as bytes and do not count.
 */
function divergence({ low, high, counts: all }: Observation, range: Range): number {
  const width = (high - low) / all.length;
  const zero = Math.floor(-low / width);
  const counts = all.map((count, bin) => (bin === zero ? (all[bin + 1] ?? 0) : count));
  const first = Math.max(0, Math.round((range.low - low) / width));
  const last = Math.min(counts.length - 1, Math.round((range.high - low) / width) - 1);
  const inside = Float64Array.from(counts.subarray(first, last + 1));
  if (inside.length < 256) return Infinity;
  const own = Float64Array.from(inside);
  own[0] = (own[0] ?? 0) + sumOf(counts.subarray(0, first));
  own[own.length - 1] = (own.at(-1) ?? 0) + sumOf(counts.subarray(last + 1));
  const total = sumOf(own);
  const kept = Math.max(1, sumOf(inside));
  let sum = 0;
  for (let byte = 0; byte < 256; byte += 1) {
    const [from, to] = [byte, byte + 1].map((edge) => Math.floor((edge * inside.length) / 256));
    const part = inside.subarray(from, to);
    const filled = part.reduce((bins, count) => bins + (count > 0 ? 1 : 0), 0);
    const even = filled > 0 ? sumOf(part) / filled / kept : 0;
    for (let bin = from ?? 0; bin < (to ?? 0); bin += 1) {
      const share = (own[bin] ?? 0) / total;
      // A bin that only what was cut has filled stands for nothing else: a small share keeps the sum finite.
      if (share > 0) sum += share * Math.log(share / Math.max((inside[bin] ?? 0) > 0 ? even : 0, 1e-9));
    }
  }
  return sum;
}

const sumOf = (counts: Float64Array): number => counts.reduce((sum, count) => sum + count, 0);
