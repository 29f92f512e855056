import type { Rows } from './reference.ts';

/**
 * How far a model's own scores lie apart where the runtime adds its sums in another order: the largest difference between two runs, as a
 * share of the largest score, or of 1 where that is smaller.
 */
export function ownNoise(one: Rows, other: Rows | undefined): number {
  const largest = Math.max(
    1,
    ...one.rows.map((row) => row.reduce((most, value) => Math.max(most, Math.abs(value)), 0)),
  );
  return one.rows.reduce(
    (worst, row, n) =>
      row.reduce((most, value, c) => Math.max(most, Math.abs(value - (other?.rows[n]?.[c] ?? value)) / largest), worst),
    0,
  );
}
