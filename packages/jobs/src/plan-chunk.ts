import { jobLayout, seqName, TaskFile } from '@rookery/contracts';
import * as z from 'zod';

/**
 * `jobs/<job>/plan/<seq of its first task>.json`: the next tasks of a job, decided. Put if absent, one after the other, each before the
 * task files that it holds, so that these can be written in parallel: a producer that dies among them leaves gaps, and whoever goes on
 * fills them with the same items, even if the bucket changed meanwhile. Of two producers the first decides and the other follows.
 * Deleted once the job is sealed.
 */
export const PlanChunk = z.strictObject({
  v: z.literal(1),
  tasks: z.array(TaskFile),
  /** The source has ended here: the job is sealed after these. */
  last: z.boolean(),
});
export type PlanChunk = z.infer<typeof PlanChunk>;

export const planFolder = (job: string): string => `${jobLayout(job).root}plan/`;
export const planKey = (job: string, firstSeq: number): string => `${planFolder(job)}${seqName(firstSeq)}.json`;
