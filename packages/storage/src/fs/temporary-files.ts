import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { reservedNames } from './fs-paths.ts';

/** The folder that files are written in, and what the names of files and locks begin with. */
export const temporary = `${reservedNames}tmp`;
/** Older than this, a file being written is what a process left that died. */
const staleMs = 24 * 3600_000;

/** Removes what processes that died left of their writing. */
export async function sweepTemporary(folder: string, nowMs: number): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(`${temporary}-`)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && nowMs - found.mtimeMs > staleMs) await rm(path, { force: true, recursive: true });
  }
}
