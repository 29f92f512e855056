/** Shares that add up to one; all zero where nothing was counted. */
export function shares(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (total === 0 ? 0 : count / total));
}

/**
 * Population stability index: the sum of (q - p) ln(q / p). Both sides get half a picture in each bin, so that an empty one does not make
 * it infinite. Without any change its mean is about (bins - 1)(1/n + 1/m): small samples look unstable by it, see `psiNoise`. Rule of thumb in
 * credit scoring: below 0.1 stable, above 0.25 shifted.
 */
export function populationStability(reference: readonly number[], window: readonly number[]): number {
  const [p, q] = [shares(reference.map(halfMore)), shares(window.map(halfMore))];
  return p.reduce((sum, share, bin) => sum + ((q[bin] ?? 0) - share) * Math.log((q[bin] ?? 0) / share), 0);
}

const halfMore = (count: number): number => count + 0.5;

/** What the index is on average where nothing changed: (bins - 1)(1/n + 1/m), its mean under the null hypothesis (B. Yurdakul, 2018). */
export const psiNoise = (bins: number, n: number, m: number): number =>
  n > 0 && m > 0 ? (bins - 1) * (1 / n + 1 / m) : 0;

/** Jensen-Shannon distance: the square root of the divergence in base 2. 0: the same; 1: nothing in common. */
export function jensenShannon(reference: readonly number[], window: readonly number[]): number {
  const [p, q] = [shares(reference), shares(window)];
  const toMiddle = (from: readonly number[]): number =>
    from.reduce((sum, share, bin) => {
      const middle = ((p[bin] ?? 0) + (q[bin] ?? 0)) / 2;
      return share === 0 ? sum : sum + share * Math.log2(share / middle);
    }, 0);
  // Rounding may leave a hair below zero.
  return Math.sqrt(Math.max(0, (toMiddle(p) + toMiddle(q)) / 2));
}
