import { createReadStream, type Stats } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip, type Gunzip } from 'node:zlib';
import { pause, RookeryError } from '@rookery/contracts';

const pollMs = 250;

/**
 * The lines of a log file: first those of rotated files (`path.1`, `path.2.gz`, ...), then its own, then, with `follow`, new ones.
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
  for (const file of isThere ? [...older, path] : older) yield* linesIn(file);
}

/** @throws {RookeryError} SOURCE_UNREADABLE where a compressed file is invalid, or ends early. */
async function* linesIn(file: string, raw: Readable = createReadStream(file)): AsyncIterable<string> {
  const input: AsyncIterable<Buffer> = file.endsWith('.gz') ? gunzipped(raw) : raw;
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of input) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      yield* lines.map(withoutReturn);
    }
  } catch (cause) {
    throw new RookeryError('SOURCE_UNREADABLE', { detail: `${file}: ${String((cause as Error).message)}`, cause });
  } finally {
    raw.destroy();
  }
  if (rest !== '') yield withoutReturn(rest);
}

function gunzipped(raw: Readable): Gunzip {
  const text = createGunzip();
  raw.on('error', (error) => text.destroy(error)).pipe(text);
  return text;
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);

/** Oldest first. */
async function turnedOver(path: string): Promise<string[]> {
  const numberOf = (name: string) => Number(name.slice(basename(path).length + 1).replace(/\.gz$/, ''));
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
      await pause(pollMs, signal);
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
  let [rest, position] = ['', 0];
  for (let last = false; !signal.aborted; ) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    position += bytesRead;
    const lines = (rest + decoder.decode(buffer.subarray(0, bytesRead), { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    if (bytesRead > 0) continue;
    if (last) break;
    // Emptied in place, as logrotate's copytruncate does.
    if ((await file.stat()).size < position) [rest, position] = ['', 0];
    const now = await stat(path).catch(() => undefined);
    // Read once more: something may have come before the turn.
    last = now !== undefined && now.ino !== ino;
    if (!last) await pause(pollMs, signal);
  }
}

/** The lines of files that were rotated after one was read and before `next` was opened: a reader may be slower than the log. */
async function* between(path: string, read: Read | undefined, next: number): AsyncIterable<string> {
  const files = new Map<number, { readonly name: string; readonly file: FileHandle }>();
  try {
    for (const name of (await turnedOver(path)).reverse()) {
      const file = await open(name, 'r').catch(() => undefined);
      if (!file) continue;
      const { ino, mtimeMs } = await file.stat();
      // Turned over while this was listed: those seen so far come after it.
      if (ino === next) await closeAll(files);
      // Compressing keeps the time, to a millisecond.
      const wrote = name.endsWith('.gz') ? Math.floor(mtimeMs) - 1 : mtimeMs;
      const isOld = read !== undefined && (ino === read.ino || wrote < read.mtimeMs);
      if (ino === next || isOld || files.has(ino)) await file.close();
      else files.set(ino, { name, file });
      if (isOld) break;
    }
    for (const { name, file } of [...files.values()].reverse())
      yield* linesIn(name, file.createReadStream({ autoClose: false }));
  } finally {
    await closeAll(files);
  }
}

async function closeAll(files: Map<number, { readonly file: FileHandle }>): Promise<void> {
  await Promise.all([...files.values()].map(({ file }) => file.close()));
  files.clear();
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
