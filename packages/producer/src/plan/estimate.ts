import { type JobEntriesOptions, jobEntries } from './job-entries.ts';
import { createPreview, type JobRequest } from './job-request.ts';
import { sourceStart } from './key-source.ts';
import { ShardRequests } from './shard-requests.ts';

export interface JobEstimate {
  readonly pictures: number;
  /** Of the pictures whose size is known. */
  readonly bytes: number;
  /** Pictures whose size the list does not tell. */
  readonly unknownSizes: number;
  /** Pictures taken over from the earlier job: not one of them is read. */
  readonly takenOver: number;
  readonly since: string | undefined;
  readonly tasks: number;
  readonly taskSize: number;
  /** Requests to the store and the queue. */
  readonly requests: { readonly put: number; readonly list: number; readonly get: number; readonly queue: number };
}

/** What a job would be, without making it: its source is read once and nothing is written. */
export async function estimateJob(request: JobRequest, options: JobEntriesOptions): Promise<JobEstimate> {
  const job = await createPreview(request, options);
  const limit = job.source.filter.limit ?? Number.POSITIVE_INFINITY;
  let [pictures, bytes, unknownSizes, takenOver, left, pages] = [0, 0, 0, 0, 0, 0];
  let tasks = 0;
  let openInTask = 0;
  const shards = job.source.kind === 'shards' ? new ShardRequests() : undefined;
  for await (const piece of jobEntries(job, sourceStart, options)) {
    pages++;
    for (const { item, line, sizeBytes } of piece) {
      if (pictures >= limit) break;
      if (pictures % job.taskSize === 0) {
        if (openInTask > 0) left++;
        openInTask = 0;
        tasks++;
      }
      pictures++;
      if (line) takenOver++;
      else openInTask++;
      shards?.add(item, { task: tasks, isRead: !line });
      if (sizeBytes === undefined) unknownSizes++;
      else bytes += sizeBytes;
    }
    if (pictures >= limit) break;
  }
  if (openInTask > 0) left++;
  const tagged = job.tag ? pictures - takenOver : 0;
  const requests = {
    // Task files, results, and the few documents of the job.
    put: 2 * tasks + Math.ceil(tasks / 32) + 4 + tagged,
    list: shards ? Math.ceil((shards.shards + 1) / 1000) : pages,
    get: (shards?.requests ?? pictures - takenOver) + Math.ceil(takenOver / 256) + tagged,
    // Each message is sent (ten at a time), received and deleted (ten at a time).
    queue: 3 * Math.ceil(left / 10),
  };
  return {
    pictures,
    bytes,
    unknownSizes,
    takenOver,
    since: job.since,
    tasks,
    taskSize: job.taskSize,
    requests,
  };
}
