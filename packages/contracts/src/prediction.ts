import * as z from 'zod';

export const Prediction = z.strictObject({
  label: z.string(),
  /** Position in the model's output. */
  index: z.int().min(0),
  /** A probability, rounded to six decimals. */
  score: z.number().min(0).max(1),
});
export type Prediction = z.infer<typeof Prediction>;

/** Six decimals: what is the same whichever batch, thread or worker computed it. */
export const roundScore = (score: number): number => Math.round(score * 1e6) / 1e6;

/** How many labels a picture may get. */
export const Top = z.int().min(1).max(1000);
