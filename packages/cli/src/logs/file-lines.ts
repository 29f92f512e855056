import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
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
  const older = await turnedOver(path);
  if (older.length === 0 && !follow && !(await exists(path)))
    throw new RookeryError('CONFIG_INVALID', { detail: `there is no log file ${path}` });
  for (const file of older)
    yield* createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  if (follow) yield* followed(path, signal);
  else if (await exists(path))
    yield* createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
}

/** Oldest first. */
async function turnedOver(path: string): Promise<string[]> {
  const numberOf = (name: string) => Number(name.slice(basename(path).length + 1));
  const names = await readdir(dirname(path)).catch((): string[] => []);
  return names
    .filter((name) => name.startsWith(`${basename(path)}.`) && numberOf(name) > 0)
    .sort((a, b) => numberOf(b) - numberOf(a))
    .map((name) => join(dirname(path), name));
}

/** Reads on as the file grows; when another file takes its place, the rest of the old one comes first. */
async function* followed(path: string, signal: AbortSignal): AsyncIterable<string> {
  while (!signal.aborted) {
    const file = await open(path, 'r').catch(() => undefined);
    if (!file) {
      await pause(signal);
      continue;
    }
    try {
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
    } finally {
      await file.close();
    }
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const pause = (signal: AbortSignal): Promise<void> => sleep(pollMs, undefined, { signal }).catch(() => {});
