import { randomBytes } from 'node:crypto';
import { readdir, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolders, RookeryError } from '@rookery/contracts';
import { isMissing } from './version-folder.ts';

const prefix = '.lock-';
/** A flag that was not touched for this long is a dead process'. */
const staleMs = 15_000;
const waitMs = 45_000;
/** A flag that waits is raised anew after this long, so that it never looks like a dead process'. */
const flagMs = 2_000;

export interface LockOptions {
  /** How long to wait for others. Milliseconds. */
  readonly patienceMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `work` while no other process runs anything under the same folder's lock.
 *
 * Each contender raises a flag of its own (a file with a name of its own) and enters once it sees no other flag; of two that see each
 * other the one with the lower name waits and the other one lowers its flag and tries again. Flags of dead processes are lowered by
 * name, so that nobody can lower a living one instead.
 * @throws {RookeryError} STORE_UNAVAILABLE where the lock is not to be had.
 */
export async function withFolderLock<T>(folder: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const flag = await enter(folder, options);
  // Work that takes its time shows that its process lives.
  const alive = setInterval(() => {
    const now = new Date();
    utimes(join(folder, flag), now, now).catch(() => {});
  }, staleMs / 4).unref();
  try {
    return await work();
  } finally {
    clearInterval(alive);
    await lower(join(folder, flag));
  }
}

async function enter(folder: string, { patienceMs = waitMs, signal }: LockOptions): Promise<string> {
  await makeFolders(folder);
  const until = Date.now() + patienceMs;
  for (let pauseMs = 20; Date.now() < until; pauseMs = Math.min(pauseMs * 1.3, 250)) {
    signal?.throwIfAborted();
    const flag = `${prefix}${randomBytes(8).toString('hex')}`;
    await writeFile(join(folder, flag), '', { flag: 'wx' });
    if (await holdOut(folder, flag)) return flag;
    await lower(join(folder, flag));
    await sleep(1 + Math.random() * pauseMs);
  }
  throw new RookeryError('STORE_UNAVAILABLE', { detail: `${folder} is locked by other processes` });
}

/** Waits with a raised flag until it is the only one, as long as it is the lowest and young enough to be believed by others. */
async function holdOut(folder: string, flag: string): Promise<boolean> {
  const until = Date.now() + flagMs;
  while (Date.now() < until) {
    const flags = (await readdir(folder)).filter((name) => name.startsWith(prefix));
    // Taken for a dead process' after a long pause of this one.
    if (!flags.includes(flag)) return false;
    const others = await standing(folder, flag, flags);
    if (others.length === 0) return true;
    if (others.some((other) => other < flag)) return false;
    await sleep(1 + Math.random() * 4);
  }
  return false;
}

/** Flags of others; what dead processes left is lowered on the way. */
async function standing(folder: string, own: string, flags: readonly string[]): Promise<string[]> {
  const others = flags.filter((flag) => flag !== own);
  const alive = await Promise.all(others.map((flag) => isStanding(join(folder, flag), join(folder, own))));
  return others.filter((_, index) => alive[index]);
}

/** Ages are compared with the own flag's time: both are the file system's clock. */
async function isStanding(path: string, own: string): Promise<boolean> {
  try {
    const [{ mtimeMs }, now] = await Promise.all([stat(path), stat(own)]);
    if (now.mtimeMs - mtimeMs < staleMs) return true;
    await lower(path);
    return false;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

const lower = (path: string): Promise<void> =>
  unlink(path).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
