/**
 * p values as they are when several tests are asked at once: the chance that any of them speaks up without cause stays below alpha, however
 * they depend on each other (S. Holm, 1979). In the order they came in.
 */
export function holm(values: readonly number[]): number[] {
  const adjusted = new Array<number>(values.length).fill(1);
  let largest = 0;
  const ordered = values.map((p, place) => ({ p, place })).sort((a, b) => a.p - b.p);
  for (const [rank, { p, place }] of ordered.entries()) {
    largest = Math.max(largest, Math.min(1, p * (values.length - rank)));
    adjusted[place] = largest;
  }
  return adjusted;
}
