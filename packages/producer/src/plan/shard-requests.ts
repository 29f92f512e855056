import type { TaskItem } from '@rookery/contracts';

/** What a worker reads with one request, at most. */
const runBytes = 4 << 20;

/** Counts the requests that pictures in shards take: one a shard for its plan, and one for what lies together in a task. */
export class ShardRequests {
  shards = 0;
  requests = 0;
  #shard: string | undefined;
  #task = 0;
  #end = 0;

  add({ shard }: TaskItem, { task, isRead }: { task: number; isRead: boolean }): void {
    if (!shard) return;
    const isNew = shard.key !== this.#shard;
    if (isNew) {
      this.#shard = shard.key;
      this.shards += 1;
      this.requests += 1;
    }
    if (!isRead) return;
    const end = shard.start + shard.sizeBytes;
    if (!isNew && task === this.#task && end <= this.#end) return;
    this.#task = task;
    this.#end = shard.start + runBytes;
    this.requests += 1;
  }
}
