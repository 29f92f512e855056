import * as z from 'zod';
import { JobId } from '../task.ts';

const TrueLabel = z.strictObject({
  key: z.string().min(1).max(1024).describe('of the picture, as in its result line'),
  label: z.string().min(1).max(256).describe('what it shows, as the model names it'),
  etag: z
    .string()
    .max(256)
    .optional()
    .describe('the state of the picture that was looked at; another one is not counted'),
});
export type TrueLabel = z.infer<typeof TrueLabel>;

/** The body of `POST /v1/feedback`: what pictures really show. */
export const FeedbackRequest = z
  .strictObject({
    job: JobId.optional().describe('the job whose pictures these are'),
    bucket: z.string().min(1).max(1024).optional().describe('or the bucket, for pictures that events brought'),
    id: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .describe('tells a batch from another with the same labels: to say again what was said before'),
    labels: z.array(TrueLabel).min(1).max(10_000),
  })
  .refine(({ job, bucket }) => (job === undefined) !== (bucket === undefined), 'either job or bucket')
  .meta({ id: 'FeedbackRequest' });
export type FeedbackRequest = z.infer<typeof FeedbackRequest>;

/** The answer: `isNew` is false where this batch was there already. */
export const FeedbackReceipt = z
  .object({ batch: z.string(), labels: z.int(), isNew: z.boolean() })
  .meta({ id: 'FeedbackReceipt' });
export type FeedbackReceipt = z.infer<typeof FeedbackReceipt>;
