import type { Job, ResultLine, TaskFile } from '@rookery/contracts';
import { type JobLedger, mapInOrder, readLines, takenOver } from '@rookery/jobs';
import type { KeySource, SourceEntry, SourcePosition } from './key-source.ts';

/**
 * The items of an earlier job in its own tasks, each with its line where that is good. Where the earlier job was never planned to its
 * end (it was cancelled before), its source goes on behind them.
 */
export function retrySource(ledger: JobLedger, parent: Job, job: Job, rest: KeySource): KeySource {
  return {
    sorted: rest.sorted,
    async *entries(from, signal) {
      const sealed = await ledger.findSealed(parent.id, signal);
      let position: SourcePosition = from;
      const seqs = function* (): Generator<number> {
        for (let seq = from.seq; sealed === undefined || seq < sealed.tasks; seq++) yield seq;
      };
      const tasks = mapInOrder(seqs(), 8, async (seq) => {
        const file = await ledger.findTask(parent.id, seq, signal);
        return file && { file, lines: await linesOf(ledger, parent.id, seq, signal) };
      });
      for await (const task of tasks) {
        if (!task) break;
        const { resume, seq } = task.file;
        position = { ...resume, seq: seq + 1 };
        yield entriesOf(task.file, task.lines, (line) => takenOver(line, parent.top, job.top));
      }
      if (!sealed) yield* rest.entries(position, signal);
    },
  };
}

async function linesOf(ledger: JobLedger, job: string, seq: number, signal?: AbortSignal): Promise<ResultLine[]> {
  const bytes = await ledger.findResult(job, seq, signal);
  return bytes ? readLines(bytes) : [];
}

function entriesOf(
  { items, resume }: TaskFile,
  lines: readonly ResultLine[],
  good: (line: ResultLine) => ResultLine | undefined,
): SourceEntry[] {
  const { taken: _taken, ...next } = resume;
  return items.map(({ line: earlier, ...item }, index): SourceEntry => {
    const line = lines[index] ?? earlier;
    const holds = line && good(line);
    if (holds) return { item, next, line: holds };
    // What had changed or gone since it was listed is taken as it is now; where a member lies in a shard that has changed is not known.
    const code = line?.error?.code;
    return (code === 'SOURCE_CHANGED' || code === 'SOURCE_NOT_FOUND') && !item.shard
      ? { item: { key: item.key }, next }
      : { item, next };
  });
}
