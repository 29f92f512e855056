import { expect } from 'vitest';

/** Between the scores of the same pictures. */
export function largestDifference(
  some: readonly (Float32Array | undefined)[],
  others: readonly (Float32Array | undefined)[],
): number {
  expect(some.length).toBe(others.length);
  return Math.max(
    ...some.flatMap((scores, place) =>
      Array.from(scores ?? [Number.NaN], (score, index) => Math.abs(score - (others[place]?.[index] ?? Number.NaN))),
    ),
  );
}
