import * as z from 'zod';
import { Digest } from './digest.ts';
import { Pin } from './pin.ts';
import { Top } from './prediction.ts';
import { ResultLine } from './result-line.ts';
import { JobId, maxItemsPerTask, Seq, TaskItem, Traceparent } from './task.ts';

/** Which objects of a prefix become work. */
export const SourceFilter = z.strictObject({
  /** File name endings, lower-case, with the dot; compared without regard to case. */
  suffixes: z.array(z.string()).optional(),
  glob: z.string().min(1).optional(),
  minSizeBytes: z.int().min(0).optional(),
  maxSizeBytes: z.int().min(0).optional(),
  modifiedAfter: z.iso.datetime().optional(),
  modifiedBefore: z.iso.datetime().optional(),
  limit: z.int().min(1).optional(),
  /** Share of the pictures to take, by a hash of the key, so that a repeat takes the same. */
  sample: z.number().gt(0).max(1).optional(),
});
export type SourceFilter = z.infer<typeof SourceFilter>;

export const JobSource = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('prefix'), bucket: z.string(), prefix: z.string(), filter: SourceFilter }),
  /** Keys from a list; `manifest` names the copy in the job's folder, or an object in `bucket`'s store. */
  z.strictObject({
    kind: z.literal('manifest'),
    bucket: z.string(),
    manifest: z.string(),
    format: z.enum(['lines', 'csv', 'inventory']),
    filter: SourceFilter,
  }),
  /** Members of tar files: of the objects whose keys begin with `prefix` and, after its last `/`, match `glob`. `filter` is about the members. */
  z.strictObject({
    kind: z.literal('shards'),
    bucket: z.string(),
    prefix: z.string(),
    glob: z.string(),
    filter: SourceFilter,
  }),
]);
export type JobSource = z.infer<typeof JobSource>;

/** `jobs/<job>/job.json`: what was asked. */
export const Job = z.strictObject({
  v: z.literal(1),
  id: JobId,
  createdAt: z.iso.datetime(),
  source: JobSource,
  pin: Pin,
  top: Top,
  taskSize: z.int().min(1).max(maxItemsPerTask),
  /** The job whose good lines this one takes over. */
  since: JobId.optional(),
  /** The job that this one retries. */
  parent: JobId.optional(),
  /** Also write the top label as object tags. */
  tag: z.boolean().optional(),
  /** For people: who asked, and why. */
  note: z.string().max(1000).optional(),
  /** The trace that asked for it, so that whoever feeds it goes on with that. */
  traceparent: Traceparent.optional(),
});
export type Job = z.infer<typeof Job>;

/** `jobs/<job>/tasks/<seq>.json`: every item of a task, and how to go on after it. */
export const TaskFile = z.strictObject({
  v: z.literal(1),
  seq: Seq,
  /** `line`: taken over from an earlier job; there is nothing left to do for this item. */
  items: z
    .array(TaskItem.extend({ line: ResultLine.optional() }))
    .min(1)
    .max(maxItemsPerTask),
  /** Where the source goes on: list after this key, or read on at this byte; with both, at this byte of that object, if its etag is still this. */
  resume: z.strictObject({
    afterKey: z.string().optional(),
    offset: z.int().min(0).optional(),
    etag: z.string().optional(),
    taken: z.int().min(0),
  }),
});
export type TaskFile = z.infer<typeof TaskFile>;

/** `jobs/<job>/sealed.json`: the last task is there. */
export const Sealed = z.strictObject({ tasks: z.int().min(0), pictures: z.int().min(0) });
export type Sealed = z.infer<typeof Sealed>;

/** `jobs/<job>/summary.json`: put once every task has its result. Times are those of the store's objects. */
export const JobSummary = z.strictObject({
  job: JobId,
  model: Digest,
  tasks: z.int(),
  pictures: z.int(),
  labelled: z.int(),
  failed: z.int(),
  /** Pictures by their top label, most first. */
  classes: z.record(z.string(), z.int()),
  /** Pictures by error code. */
  errors: z.record(z.string(), z.int()),
  submittedAt: z.iso.datetime(),
  firstResultAt: z.iso.datetime().nullable(),
  lastResultAt: z.iso.datetime().nullable(),
});
export type JobSummary = z.infer<typeof JobSummary>;
