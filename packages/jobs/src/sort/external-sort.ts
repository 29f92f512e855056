import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { asRookeryError, RookeryError } from '@rookery/contracts';
import { MergeHeap } from './merge-heap.ts';
import { textLines } from './text-lines.ts';

export interface ExternalSortOptions<T> {
  compare(a: T, b: T): number;
  /** Where sorted runs are spilled to; a folder of its own is made in it and removed. Default: the system's temporary folder. */
  folder?: string | undefined;
  /** Of records, as JSON, held before a run is spilled; in memory they take several times as much. */
  memoryBytes?: number;
}

const mergeWidth = 32;

/**
 * Sorts JSON values of any number in bounded memory (external merge sort, Knuth volume 3, 5.4): runs that fit into memory are sorted and
 * spilled, 32 at a time are merged into a longer one. Stable: equal records keep their order.
 *
 * @throws {RookeryError} STORE_FULL, STORE_DENIED where nothing can be spilled.
 */
export async function* sortExternally<T>(
  records: AsyncIterable<T>,
  { compare, folder = tmpdir(), memoryBytes = 8 * 1024 * 1024 }: ExternalSortOptions<T>,
): AsyncGenerator<T> {
  let held: Held<T>[] = [];
  const byValue = (a: Held<T>, b: Held<T>): number => compare(a.value, b.value);
  let heldBytes = 0;
  let spill: string | undefined;
  let spilled = 0;
  /** Runs by how often they were merged; those of a higher level are older. */
  const levels: string[][] = [];
  const write = async (run: AsyncIterable<string> | Iterable<string>): Promise<string> => {
    try {
      spill ??= await mkdtemp(join(folder, 'rookery-sort-'));
      const file = join(spill, String(spilled++));
      await pipeline(Readable.from(inPieces(run)), createWriteStream(file));
      return file;
    } catch (thrown) {
      throw spillError(thrown, folder);
    }
  };
  const keep = async (file: string, level: number): Promise<void> => {
    const runs = [...(levels[level] ?? []), file];
    levels[level] = runs;
    if (runs.length < mergeWidth) return;
    levels[level] = [];
    await keep(await write(asJson(merge(runs.map(readRun<T>), compare))), level + 1);
    await Promise.all(runs.map((run) => rm(run)));
  };
  try {
    for await (const record of records) {
      const json = JSON.stringify(record);
      held.push({ value: record, json });
      heldBytes += json.length + 64;
      if (heldBytes < memoryBytes) continue;
      await keep(await write(held.sort(byValue).map((one) => one.json)), 0);
      held = [];
      heldBytes = 0;
    }
    held.sort(byValue);
    yield* merge(
      [
        ...levels
          .reverse()
          .flat()
          .map(readRun<T>),
        inMemory(held),
      ],
      compare,
    );
  } finally {
    if (spill) await rm(spill, { recursive: true, force: true });
  }
}

function spillError(thrown: unknown, folder: string): RookeryError {
  const errno =
    thrown instanceof Error && 'code' in thrown && !(thrown instanceof RookeryError) ? thrown.code : undefined;
  if (typeof errno !== 'string') return asRookeryError(thrown);
  const isFull = errno === 'ENOSPC' || errno === 'EDQUOT';
  return new RookeryError(isFull ? 'STORE_FULL' : 'STORE_DENIED', {
    detail: `temporary files for sorting go into ${folder} (TMPDIR): ${errno}`,
    cause: thrown,
  });
}

/** Joins sorted streams, none of which is read further ahead than one record. Of equal records those of the earlier stream come first. */
async function* merge<T>(streams: AsyncGenerator<T>[], compare: (a: T, b: T) => number): AsyncGenerator<T> {
  const heads = new MergeHeap<T>((a, b) => compare(a.value, b.value) || a.order - b.order);
  try {
    for (const [order, stream] of streams.entries()) {
      const first = await stream.next();
      if (!first.done) heads.push({ value: first.value, stream, order });
    }
    for (let least = heads.least; least; least = heads.least) {
      yield least.value;
      const next = await least.stream.next();
      if (next.done) heads.removeLeast();
      else heads.replaceLeast({ ...least, value: next.value });
    }
  } finally {
    await Promise.all(streams.map((stream) => stream.return(undefined)));
  }
}

interface Held<T> {
  readonly value: T;
  readonly json: string;
}

async function* inMemory<T>(held: readonly Held<T>[]): AsyncGenerator<T> {
  for (const { value } of held) yield value;
}

async function* asJson<T>(records: AsyncIterable<T>): AsyncGenerator<string> {
  for await (const record of records) yield JSON.stringify(record);
}

async function* readRun<T>(file: string): AsyncGenerator<T> {
  for await (const line of textLines(createReadStream(file, { highWaterMark: 256 * 1024 })))
    yield JSON.parse(line) as T;
}

/** Lines in pieces of many: one piece a record would cost more than the sorting. */
async function* inPieces(lines: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
  let piece = '';
  for await (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < 256 * 1024) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
