import * as z from 'zod';
import { Digest } from '../digest.ts';
import { JobSource, SourceFilter } from '../job.ts';
import { Top } from '../prediction.ts';
import { ResultLine } from '../result-line.ts';
import { JobId } from '../task.ts';
import { ModelReference } from './classify.ts';
import { UploadId } from './uploads.ts';

const Bucket = z.string().min(1).max(1024).describe("an S3 bucket's name, or the file:/// address of a folder");

/** Which pictures a new job labels. */
export const JobSourceRequest = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('prefix'),
      bucket: Bucket,
      prefix: z.string().max(1024).default(''),
      filter: SourceFilter.optional(),
    }),
    z.strictObject({
      kind: z.literal('keys'),
      bucket: Bucket,
      keys: z.array(z.string().min(1).max(1024)).min(1).max(10_000),
    }),
    z.strictObject({
      kind: z.literal('manifest'),
      bucket: Bucket,
      manifest: z.string().min(1).max(1024).describe('key of the list in the bucket'),
      format: z.enum(['lines', 'csv', 'inventory']),
      filter: SourceFilter.optional(),
    }),
    z.strictObject({ kind: z.literal('upload'), upload: UploadId }),
  ])
  .meta({ id: 'JobSourceRequest' });
export type JobSourceRequest = z.infer<typeof JobSourceRequest>;

/** Chosen by the client, so that a request may be repeated: the same key and request give the same job. */
export const IdempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible ASCII characters')
  .describe(
    'chosen by the client: the same key with the same request gives the same job, with another one it is refused',
  );

/** The headers of `POST /v1/jobs`. */
export const JobRequestHeaders = z.object({ 'idempotency-key': IdempotencyKey.optional() });

/** The body of `POST /v1/jobs`. The same `Idempotency-Key` header gives the same job. */
export const JobRequest = z
  .strictObject({
    id: JobId.optional().describe('made up where nothing is said'),
    source: JobSourceRequest,
    model: ModelReference.optional(),
    top: Top.optional().describe('labels a picture'),
    since: z
      .union([JobId, z.literal('latest')])
      .optional()
      .describe('takes over the good lines of this job'),
    tag: z.boolean().optional().describe('also writes the top label as object tags'),
    note: z.string().max(1000).optional(),
    webhook: z.url().max(2048).optional().describe('told when the job is complete or cancelled'),
    idempotencyKey: IdempotencyKey.optional().describe('the same as the header, for clients that cannot set one'),
  })
  .meta({ id: 'JobRequest' });
export type JobRequest = z.infer<typeof JobRequest>;

export const JobState = z.enum(['planning', 'running', 'complete', 'cancelled']).meta({ id: 'JobState' });
export type JobState = z.infer<typeof JobState>;

/** `planned`: known so far; all of them once the state is past `planning`. */
const Count = z.object({ done: z.int(), planned: z.int() });
const Tally = z.record(z.string(), z.int());

/** Workers that give a job's tasks back, because they cannot run exactly what it is pinned to. */
export const JobRefusal = z
  .object({
    workers: z.int().describe('that said lately that they are there'),
    refusing: z.int().describe('of them, those that cannot do this job'),
    reasons: z.array(z.string()).describe('theirs, that of most workers first; three at most'),
  })
  .meta({ id: 'JobRefusal' });
export type JobRefusal = z.infer<typeof JobRefusal>;

/** A job and how far it is, as `GET /v1/jobs/{id}` and the events of its progress show it. */
export const JobView = z
  .object({
    id: JobId,
    state: JobState,
    createdAt: z.iso.datetime(),
    source: JobSource,
    model: z.object({ name: z.string(), version: z.string(), variant: z.string(), digest: Digest }),
    top: Top,
    since: JobId.nullable(),
    parent: JobId.nullable().describe('the job that this one retries'),
    note: z.string().nullable(),
    reason: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .describe('why it was cancelled, where its pictures could not be listed'),
    refusal: JobRefusal.nullable().describe(
      'why a job that is not over may stand still, as workers say within half a minute; null where none of them refuses it',
    ),
    tasks: Count,
    pictures: Count,
    failed: z.int().nullable().describe('pictures with an error among those done; null where not counted yet'),
    errors: Tally.nullable().describe('failed pictures by error code; null where not counted yet'),
    classes: Tally.nullable().describe('pictures by their top label; null where not counted yet'),
    picturesPerSecond: z.number(),
    leftMs: z.number().nullable().describe('until the last result, at this speed'),
    firstResultAt: z.iso.datetime().nullable(),
    lastResultAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'JobView' });
export type JobView = z.infer<typeof JobView>;

/** A page of `GET /v1/jobs`. */
export const JobListQuery = z.object({
  cursor: z.string().max(200).optional().describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(200).optional(),
});

/** `DELETE /v1/jobs/{id}`. */
export const JobDeleteQuery = z.object({
  force: z.enum(['true', 'false']).optional().describe('also a job that still runs: it is cancelled first'),
});

/** The body of `POST /v1/jobs/{id}/retry`. */
export const RetryRequest = z
  .strictObject({
    id: JobId.optional().describe('of the new job; made up where nothing is said'),
    webhook: z.url().max(2048).optional().describe('told when the new job is complete or cancelled'),
  })
  .meta({ id: 'RetryRequest' });
export type RetryRequest = z.infer<typeof RetryRequest>;

/** Newest first. */
export const JobList = z
  .object({
    jobs: z.array(JobView),
    next: z.string().nullable().describe('cursor of the next page; null on the last one'),
  })
  .meta({ id: 'JobList' });
export type JobList = z.infer<typeof JobList>;

/** The answer of `POST /v1/jobs/{id}/reconcile`: what was enqueued again. */
export const ReconcileResult = z.object({ tasks: z.int() }).meta({ id: 'ReconcileResult' });

/** Which lines of a job `GET /v1/jobs/{id}/lines` shows, in the order of its items; also of a job that still runs. */
export const JobLinesQuery = z.object({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).optional(),
  outcome: z.enum(['all', 'labelled', 'failed']).optional(),
  label: z.string().max(1000).optional().describe('top label'),
  code: z.string().max(100).optional().describe('error code'),
  minScore: z.coerce.number().min(0).max(1).optional().describe('of the top label'),
  maxScore: z.coerce.number().min(0).max(1).optional().describe('of the top label'),
  search: z.string().max(200).optional().describe('part of the key, without regard to case'),
});
export type JobLinesQuery = z.infer<typeof JobLinesQuery>;

/** A page may have fewer lines than asked for, even none, and still have a next one: a filter reads only so far at a time. */
export const JobLines = z
  .object({
    lines: z.array(ResultLine),
    positions: z
      .array(z.string())
      .describe('of each line: `at` of its picture, which is then found at once however large the job'),
    next: z.string().nullable().describe('cursor of the next page; null at the end of what is there'),
  })
  .meta({ id: 'JobLines' });
export type JobLines = z.infer<typeof JobLines>;

/** `GET /v1/jobs/{id}/results`: the whole job as a file; `partial` also while it runs. */
export const JobResultsQuery = z.object({
  format: z.enum(['jsonl', 'csv', 'parquet']).optional(),
  errors: z.enum(['true', 'false']).optional().describe('only pictures with an error'),
  label: z.string().min(1).max(1000).optional().describe('only pictures with this top label'),
  partial: z.enum(['true', 'false']).optional().describe('what is there by now'),
});
export type JobResultsQuery = z.infer<typeof JobResultsQuery>;

/** `GET /v1/jobs/{id}/picture`: one picture of the job, upright, scaled down to fit a square. */
export const JobPictureQuery = z.object({
  key: z.string().min(1).max(1024),
  at: z
    .string()
    .regex(/^\d{1,10}\.\d{1,3}$/)
    .optional()
    .describe('where `GET /v1/jobs/{id}/lines` has shown it; needed only in large jobs from lists'),
  size: z.coerce.number().int().min(32).max(2048).optional().describe('side of the square in pixels'),
});
export type JobPictureQuery = z.infer<typeof JobPictureQuery>;
