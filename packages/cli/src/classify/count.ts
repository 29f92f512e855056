import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { listFolder } from './sources/folder.ts';
import { looksLikePicture } from './sources/suffixes.ts';

/** Whether the sources hold at least so many pictures, as far as names tell: folders are looked into, patterns and lists count as one. */
export async function isAtLeast(
  many: number,
  names: readonly string[],
  { cwd, recursive }: { readonly cwd: string; readonly recursive: boolean },
): Promise<boolean> {
  let count = names.length;
  for (const name of names) {
    if (count >= many) return true;
    if (looksLikePicture(name) || name === '-' || name.includes('://')) continue;
    const path = resolve(cwd, name);
    if (!(await stat(path).catch(() => undefined))?.isDirectory()) continue;
    for await (const _ of listFolder(path, recursive)) {
      count += 1;
      if (count >= many) return true;
    }
  }
  return count >= many;
}
