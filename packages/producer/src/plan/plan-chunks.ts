import type { TaskFile } from '@rookery/contracts';
import type { PlanChunk } from '@rookery/jobs';
import type { SourceEntry, SourcePosition } from './key-source.ts';

export interface PlanChunkOptions {
  readonly taskSize: number;
  /** Pictures of the whole job at most. */
  readonly limit: number;
  readonly from: SourcePosition;
  /** Entries decided at once, at most 256 tasks: what bounds a producer's memory, and what it may have to write again. */
  readonly entriesPerChunk?: number | undefined;
}

/**
 * Groups entries into full tasks, and tasks into chunks. Only the very last task may be smaller, so that sizes need no reading; the last
 * chunk, which may be empty, says that it is the last.
 */
export async function* planChunks(
  pieces: AsyncIterable<readonly SourceEntry[]>,
  { taskSize, limit, from, entriesPerChunk = 8_192 }: PlanChunkOptions,
): AsyncGenerator<PlanChunk> {
  const tasksPerChunk = Math.min(256, Math.max(1, Math.floor(entriesPerChunk / taskSize)));
  const size = tasksPerChunk * taskSize;
  let { seq, taken } = from;
  let held: SourceEntry[] = [];
  const chunk = (entries: readonly SourceEntry[], last: boolean): PlanChunk => {
    const tasks: TaskFile[] = [];
    for (let at = 0; at < entries.length; at += taskSize) {
      const group = entries.slice(at, at + taskSize);
      taken += group.length;
      tasks.push(taskFile(seq++, taken, group));
    }
    return { v: 1, tasks, last };
  };
  const left = () => limit - taken - held.length;
  for await (const piece of pieces) {
    // One more than fits tells that this chunk is not the last one.
    for (const entry of piece.slice(0, Math.max(0, left()))) held.push(entry);
    while (held.length > size) {
      yield chunk(held.slice(0, size), false);
      held = held.slice(size);
    }
    if (left() <= 0) break;
  }
  yield chunk(held, true);
}

function taskFile(seq: number, taken: number, entries: readonly SourceEntry[]): TaskFile {
  const { afterKey, offset, etag } = entries.at(-1)?.next ?? {};
  return {
    v: 1,
    seq,
    items: entries.map(({ item, line }) => (line ? { ...item, line } : item)),
    resume: {
      ...(afterKey !== undefined && { afterKey }),
      ...(offset !== undefined && { offset }),
      ...(etag !== undefined && { etag }),
      taken,
    },
  };
}
