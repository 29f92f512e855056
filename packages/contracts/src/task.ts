import * as z from 'zod';
import { describeIssues } from './describe-issues.ts';
import { RookeryError } from './errors.ts';
import { Pin } from './pin.ts';
import { Top } from './prediction.ts';

/** The version that this code writes; it reads this one and the one before. */
export const taskVersion = 1;
export const maxItemsPerTask = 256;
/** Above this the items stay in the job's task file and the message only points there. Bytes, encoded. */
export const maxInlineBytes = 60_000;

export const JobId = z.string().regex(/^[a-z0-9-]{1,64}$/, 'must be 1 to 64 lower-case letters, digits or "-"');
/** Position of a task in its job, from 0. */
export const Seq = z.int().min(0).max(9_999_999_999);

/** Where a picture lies that is a member of a tar file: which object of the bucket, and which of its bytes. */
export const ShardPart = z.strictObject({
  key: z.string().min(1).max(1024),
  start: z.int().min(0),
  sizeBytes: z.int().min(0),
});
export type ShardPart = z.infer<typeof ShardPart>;

/**
 * A picture in a bucket: its key, and which state of it is meant where that is known. The key of a shard's member is the shard's, `/` and
 * the member's name, such as `shards/0001.tar/cat.jpg`; its etag is the shard's.
 */
export const TaskItem = z.strictObject({
  key: z.string().min(1).max(1024),
  etag: z.string().max(256).optional(),
  versionId: z.string().max(1024).optional(),
  shard: ShardPart.optional(),
});
export type TaskItem = z.infer<typeof TaskItem>;

/** The object that holds a picture, and which of its bytes they are; no range: all of them. */
export function bytesOfItem({ key, shard }: TaskItem): { key: string; range?: { start: number; end: number } } {
  if (!shard) return { key };
  return { key: shard.key, range: { start: shard.start, end: shard.start + shard.sizeBytes - 1 } };
}

/** W3C trace context of whoever asked. What is none is no error: it is left aside where it is used. */
export const Traceparent = z.string().max(64);

/**
 * A queue message. With `job` and `seq` it is one task of a job and its result is `jobs/<job>/results/<seq>.jsonl`;
 * without, it comes from bucket events and each item's result is `labels/<bucket>/<key>.json`.
 */
export const Task = z
  .strictObject({
    v: z.literal(taskVersion),
    job: JobId.optional(),
    seq: Seq.optional(),
    pin: Pin,
    items: z.array(TaskItem).min(1).max(maxItemsPerTask).optional(),
    /** An S3 bucket's name, or the `file:///` address of a folder. */
    bucket: z.string().min(1).max(1024),
    top: Top,
    /** Look for the result before working: set on whatever is enqueued a second time. */
    recheck: z.boolean().optional(),
    traceparent: Traceparent.optional(),
  })
  .refine((task) => (task.job === undefined) === (task.seq === undefined), 'job and seq belong together')
  .refine(
    (task) => task.items !== undefined || task.job !== undefined,
    'items may be left out only where a job holds them',
  );
export type Task = z.infer<typeof Task>;

/** The message for a task. Items are left out where they do not fit and a job's task file holds them. @throws TASK_TOO_LARGE */
export function encodeTask(task: Task): string {
  const whole = JSON.stringify(task);
  if (Buffer.byteLength(whole) <= maxInlineBytes) return whole;
  if (task.job === undefined) throw new RookeryError('TASK_TOO_LARGE', { detail: `${Buffer.byteLength(whole)} bytes` });
  return JSON.stringify({ ...task, items: undefined });
}

/** @throws {RookeryError} TASK_VERSION_UNKNOWN where a newer worker may know it, TASK_MALFORMED where none will. */
export function parseTask(message: string): Task {
  let json: unknown;
  try {
    json = JSON.parse(message);
  } catch (cause) {
    throw new RookeryError('TASK_MALFORMED', { detail: 'not JSON', cause });
  }
  const version = json !== null && typeof json === 'object' && 'v' in json ? json.v : undefined;
  if (typeof version === 'number' && Number.isInteger(version) && version > taskVersion) {
    throw new RookeryError('TASK_VERSION_UNKNOWN', { detail: `version ${version}` });
  }
  const parsed = Task.safeParse(json);
  if (!parsed.success)
    throw new RookeryError('TASK_MALFORMED', { detail: describeIssues(parsed.error), cause: parsed.error });
  return parsed.data;
}
