import type { Digest, Job, ResultLine } from '@rookery/contracts';
import { EarlierLines, type JobLedger, modelOf, sortExternally, takenOver } from '@rookery/jobs';
import { compareUtf8 } from '@rookery/storage';
import type { SourceEntry } from './key-source.ts';

export interface EarlierJob {
  readonly ledger: JobLedger;
  readonly earlier: Job;
  readonly job: Job;
  /** Holds what is spilled while sorting. */
  readonly folder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Pieces = AsyncIterable<readonly SourceEntry[]>;

/** Adds to each entry the line of an earlier job that still holds for it. Entries in key order: one pass over both, nothing is held. */
export async function* mergeSorted(pieces: Pieces, join: EarlierJob): AsyncGenerator<readonly SourceEntry[]> {
  const model = modelOf(join.job);
  await using lines = new EarlierLines(join.ledger, join.earlier, join);
  for await (const piece of pieces) {
    const merged: SourceEntry[] = [];
    for (const entry of piece) {
      const line =
        entry.item.etag === undefined
          ? undefined
          : holding(await lines.find(entry.item.key), entry.item.etag, model, join);
      merged.push(line ? { ...entry, line } : entry);
    }
    yield merged;
  }
}

/**
 * As `mergeSorted` for entries in any order: their keys are sorted, joined, and what was found is sorted back into the order of the
 * entries, which are read a second time. Memory is bounded; the folder holds the keys and the lines found.
 */
export async function* mergeUnsorted(read: () => Pieces, join: EarlierJob): AsyncGenerator<readonly SourceEntry[]> {
  const byKey = sortExternally(numbered(read()), { compare: (a, b) => compareUtf8(a.key, b.key), folder: join.folder });
  const found = sortExternally(matches(byKey, join), { compare: (a, b) => a.at - b.at, folder: join.folder });
  try {
    let next = await found.next();
    let at = 0;
    for await (const piece of read()) {
      const merged: SourceEntry[] = [];
      for (const entry of piece) {
        if (!next.done && next.value.at === at) {
          merged.push({ ...entry, line: next.value.line });
          next = await found.next();
        } else merged.push(entry);
        at++;
      }
      yield merged;
    }
  } finally {
    await found.return(undefined);
  }
}

interface NumberedKey {
  readonly at: number;
  readonly key: string;
  readonly etag: string;
}

/** Only entries with an etag: without one nothing shows that the picture is the same. */
async function* numbered(pieces: Pieces): AsyncGenerator<NumberedKey> {
  let at = 0;
  for await (const piece of pieces)
    for (const { item } of piece) {
      if (item.etag !== undefined) yield { at, key: item.key, etag: item.etag };
      at++;
    }
}

async function* matches(
  keys: AsyncIterable<NumberedKey>,
  join: EarlierJob,
): AsyncGenerator<{ at: number; line: ResultLine }> {
  const model = modelOf(join.job);
  await using lines = new EarlierLines(join.ledger, join.earlier, join);
  for await (const { at, key, etag } of keys) {
    const line = holding(await lines.find(key), etag, model, join);
    if (line) yield { at, line };
  }
}

function holding(
  lines: readonly ResultLine[],
  etag: string,
  model: Digest,
  { earlier, job }: EarlierJob,
): ResultLine | undefined {
  for (const line of lines) {
    if (line.etag !== etag || line.model !== model) continue;
    const holds = takenOver(line, earlier.top, job.top);
    if (holds) return holds;
  }
  return undefined;
}
