import { mkdir, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RookeryError } from '@rookery/contracts';
import { errnoOf } from './fs-errors.ts';
import { temporary } from './temporary-files.ts';

/** The same lock seen for so long is that of a process that died. By a clock that does not jump. */
const lockHeldMs = 10_000;
const lockPatienceMs = 30_000;

/**
 * Locks a name among processes, for file systems without hard links: whoever makes the lock's folder has it until it is disposed of.
 * @param cause Why a lock is needed: thrown where the folder cannot be made.
 * @throws {RookeryError} STORE_UNAVAILABLE where others hold it for half a minute.
 */
export async function lockName(target: string, key: string, cause: unknown): Promise<AsyncDisposable> {
  const lock = join(dirname(target), `${temporary}-lock-${Buffer.from(key).toString('hex').slice(-64)}`);
  const startMs = performance.now();
  let held = { madeMs: -1, sinceMs: startMs };
  while (performance.now() - startMs < lockPatienceMs) {
    try {
      await mkdir(lock);
      return { [Symbol.asyncDispose]: () => rmdir(lock).catch(() => {}) };
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw cause;
      const madeMs = (await stat(lock).catch(() => undefined))?.mtimeMs ?? -1;
      if (madeMs !== held.madeMs) held = { madeMs, sinceMs: performance.now() };
      // Its holder died: nobody needs ten seconds to look and rename.
      else if (performance.now() - held.sinceMs > lockHeldMs) await rmdir(lock).catch(() => {});
      await sleep(5);
    }
  }
  throw new RookeryError('STORE_UNAVAILABLE', { detail: `${key} stays locked`, cause });
}
