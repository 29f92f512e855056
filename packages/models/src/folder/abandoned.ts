import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryPrefix } from './durable-write.ts';
import { isMissing } from './version-folder.ts';

/** No publisher writes for this long without touching its folder: what is older was left by one that died. */
const abandonedMs = 60 * 60 * 1000;

/** Removes what publishers that died left in a model's folder. Listings never show it. */
export async function removeAbandoned(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (!name.startsWith(temporaryPrefix)) continue;
    const path = join(home, name);
    if ((await lastTouched(path)) < Date.now() - abandonedMs) await rm(path, { recursive: true, force: true });
  }
}

/** The latest change of a folder or of what lies in it. Milliseconds. */
async function lastTouched(path: string): Promise<number> {
  try {
    const names = (await stat(path)).isDirectory() ? await readdir(path) : [];
    const times = await Promise.all([path, ...names.map((name) => join(path, name))].map((each) => stat(each)));
    return Math.max(...times.map(({ mtimeMs }) => mtimeMs));
  } catch (error) {
    if (isMissing(error)) return Date.now();
    throw error;
  }
}
