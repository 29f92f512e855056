export interface TestOutcome {
  readonly statistic: number;
  /** Chance of a difference at least so large where nothing changed. */
  readonly p: number;
}

/**
 * Two-sample Kolmogorov-Smirnov test of counts in the same bins. What lies within a bin is not seen, so the statistic is at most that of the
 * values, and p at least as large: the test errs towards silence. p is the limit distribution's with Stephens' correction for small samples
 * (Numerical Recipes 14.3.3).
 */
export function kolmogorovSmirnov(reference: readonly number[], window: readonly number[]): TestOutcome {
  const n = total(reference);
  const m = total(window);
  if (n === 0 || m === 0) return { statistic: 0, p: 1 };
  let [below, belowWindow, statistic] = [0, 0, 0];
  for (const [bin, count] of reference.entries()) {
    below += count;
    belowWindow += window[bin] ?? 0;
    statistic = Math.max(statistic, Math.abs(below / n - belowWindow / m));
  }
  const root = Math.sqrt((n * m) / (n + m));
  return { statistic, p: kolmogorovTail((root + 0.12 + 0.11 / root) * statistic) };
}

/** Q(x) = 2 sum (-1)^(k-1) exp(-2 k^2 x^2); near zero by Jacobi's theta function, where that sum hardly converges. */
export function kolmogorovTail(x: number): number {
  if (x <= 0) return 1;
  if (x < 1.18) {
    const y = Math.exp(-(Math.PI ** 2) / (8 * x * x));
    return 1 - (Math.sqrt(2 * Math.PI) / x) * (y + y ** 9 + y ** 25 + y ** 49);
  }
  const z = Math.exp(-2 * x * x);
  return Math.min(1, 2 * (z - z ** 4 + z ** 9));
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
