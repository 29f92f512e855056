import * as z from 'zod';

/** When a difference counts, and when it is told. */
export const DriftRules = z.strictObject({
  /** A best score below it is unsure; to the hundredth. */
  lowConfidence: z.number().min(0).max(1).default(0.5),
  /** Pictures that are compared at a time. */
  slice: z.int().min(100).default(500),
  /** Fewer pictures than this on either side say nothing. */
  least: z.int().min(20).default(200),
  /** Chance of a false difference in any measure of one comparison: p values are adjusted to it. */
  alpha: z.number().gt(0).lt(1).default(0.001),
  /** Population stability index, less what chance makes of it, from which on a measure is off. */
  raise: z.number().gt(0).default(0.2),
  /** And below which it is well again. In between nothing changes. */
  clear: z.number().gt(0).default(0.1),
  /** Slices in a row that it takes either way. */
  raiseAfter: z.int().min(1).default(2),
  clearAfter: z.int().min(1).default(3),
});
export type DriftRules = z.infer<typeof DriftRules>;

export const defaultDriftRules: DriftRules = DriftRules.parse({});
