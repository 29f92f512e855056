import { createReadStream, type Stats } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { RookeryError } from '@rookery/contracts';

const pollMs = 250;

/**
 * The lines of a log file, those of files that were turned over (`path.1`, `path.2`, ...) first, then, with `follow`, what comes.
 * @throws {RookeryError} CONFIG_INVALID where there is no such file.
 */
export async function* fileLines(
  path: string,
  { follow, signal }: { readonly follow: boolean; readonly signal: AbortSignal },
): AsyncIterable<string> {
  if (follow) {
    yield* followed(path, signal);
    return;
  }
  const older = await turnedOver(path);
  const isThere = await exists(path);
  if (older.length === 0 && !isThere)
    throw new RookeryError('CONFIG_INVALID', { detail: `there is no log file ${path}` });
  for (const file of isThere ? [...older, path] : older) yield* linesIn(createReadStream(file));
}

const linesIn = (input: Readable): AsyncIterable<string> =>
  createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });

/** Oldest first. */
async function turnedOver(path: string): Promise<string[]> {
  const numberOf = (name: string) => Number(name.slice(basename(path).length + 1));
  const names = await readdir(dirname(path)).catch((): string[] => []);
  return names
    .filter((name) => name.startsWith(`${basename(path)}.`) && numberOf(name) > 0)
    .sort((a, b) => numberOf(b) - numberOf(a))
    .map((name) => join(dirname(path), name));
}

type Read = Pick<Stats, 'ino' | 'mtimeMs'>;

/** Reads on as the file grows; when another file takes its place, the rest of the old one comes first, then what came between. */
async function* followed(path: string, signal: AbortSignal): AsyncIterable<string> {
  let read: Read | undefined;
  while (!signal.aborted) {
    const file = await open(path, 'r').catch(() => undefined);
    if (!file) {
      await pause(signal);
      continue;
    }
    try {
      const { ino } = await file.stat();
      yield* between(path, read, ino);
      yield* growing(path, file, signal);
      read = await file.stat();
    } finally {
      await file.close();
    }
  }
}

/** Until another file has taken its place. */
async function* growing(path: string, file: FileHandle, signal: AbortSignal): AsyncIterable<string> {
  const { ino } = await file.stat();
  const decoder = new TextDecoder();
  const buffer = Buffer.alloc(64 << 10);
  let rest = '';
  for (let last = false; !signal.aborted; ) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    const lines = (rest + decoder.decode(buffer.subarray(0, bytesRead), { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    if (bytesRead > 0) continue;
    if (last) break;
    const now = await stat(path).catch(() => undefined);
    // Read once more: something may have come before the turn.
    last = now !== undefined && now.ino !== ino;
    if (!last) await pause(signal);
  }
}

/** The lines of files that were turned over since one was read and before `next` was opened: who reads a log may be slower than it. */
async function* between(path: string, read: Read | undefined, next: number): AsyncIterable<string> {
  const files = new Map<number, FileHandle>();
  try {
    for (const name of (await turnedOver(path)).reverse()) {
      const file = await open(name, 'r').catch(() => undefined);
      if (!file) continue;
      const { ino, mtimeMs } = await file.stat();
      // Turned over while this was listed: those seen so far come after it.
      if (ino === next) await closeAll(files);
      const isOld = read !== undefined && (ino === read.ino || mtimeMs < read.mtimeMs);
      if (ino === next || isOld || files.has(ino)) await file.close();
      else files.set(ino, file);
      if (isOld) break;
    }
    for (const file of [...files.values()].reverse()) yield* linesIn(file.createReadStream({ autoClose: false }));
  } finally {
    await closeAll(files);
  }
}

async function closeAll(files: Map<number, FileHandle>): Promise<void> {
  await Promise.all([...files.values()].map((file) => file.close()));
  files.clear();
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const pause = (signal: AbortSignal): Promise<void> => sleep(pollMs, undefined, { signal }).catch(() => {});
