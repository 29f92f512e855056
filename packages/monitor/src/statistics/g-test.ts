import { upperGamma } from './gamma.ts';
import type { TestOutcome } from './kolmogorov-smirnov.ts';

/** Cells with fewer expected pictures are put together: the limit distribution asks for it (W. Cochran, 1954). */
const leastExpected = 5;

/**
 * G test of homogeneity (the likelihood ratio's chi-square) of two rows of counts, the rarest categories put together until each cell is
 * expected to hold five. `degrees` is 0 where one category is left: nothing can be said then, and p is 1.
 */
export function gTest(
  reference: readonly number[],
  window: readonly number[],
): TestOutcome & { readonly degrees: number } {
  const pairs = together(reference, window);
  const [n, m] = [sum(pairs.map(([a]) => a)), sum(pairs.map(([, b]) => b))];
  const degrees = pairs.length - 1;
  if (degrees < 1 || n === 0 || m === 0) return { statistic: 0, p: 1, degrees: 0 };
  const part = (observed: number, both: number, row: number): number =>
    observed === 0 ? 0 : observed * Math.log((observed * (n + m)) / (both * row));
  const statistic = Math.max(0, 2 * sum(pairs.map(([a, b]) => part(a, a + b, n) + part(b, a + b, m))));
  return { statistic, p: upperGamma(degrees / 2, statistic / 2), degrees };
}

function together(reference: readonly number[], window: readonly number[]): [number, number][] {
  const [n, m] = [sum(reference), sum(window)];
  const least = (leastExpected * (n + m)) / Math.max(1, Math.min(n, m));
  const ordered = reference
    .map((count, bin): [number, number] => [count, window[bin] ?? 0])
    .filter(([a, b]) => a + b > 0)
    .sort(([a, b], [c, d]) => a + b - c - d);
  const kept: [number, number][] = [];
  let rest: [number, number] = [0, 0];
  for (const pair of ordered) {
    if (pair[0] + pair[1] >= least) kept.push(pair);
    else rest = [rest[0] + pair[0], rest[1] + pair[1]];
  }
  const [smallest] = kept;
  if (rest[0] + rest[1] >= least || !smallest) kept.push(rest);
  else kept[0] = [smallest[0] + rest[0], smallest[1] + rest[1]];
  return kept.filter(([a, b]) => a + b > 0);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
