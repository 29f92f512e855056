import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { listFolder } from './sources/folder.ts';
import { looksLikePicture } from './sources/suffixes.ts';

export interface CountOptions {
  readonly cwd: string;
  readonly recursive: boolean;
}

/**
 * How many pictures the sources hold, as far as names tell; `undefined` where only reading them does (patterns, lists, buckets). Looks
 * no further than `atMost`.
 */
export async function countPictures(
  names: readonly string[],
  { cwd, recursive }: CountOptions,
  atMost = Number.POSITIVE_INFINITY,
): Promise<number | undefined> {
  let count = 0;
  let known = true;
  for (const name of names) {
    if (count >= atMost) return count;
    if (name === '-' || name.startsWith('s3://') || /[*?[{]/.test(name)) known = false;
    const path = resolve(cwd, name);
    const isFolder =
      !name.includes('://') && (!looksLikePicture(name) || name.endsWith('/')) && (await isDirectory(path));
    if (!isFolder) {
      count += 1;
      continue;
    }
    for await (const _ of listFolder(path, recursive)) {
      count += 1;
      if (count >= atMost) return count;
    }
  }
  return known || count >= atMost ? count : undefined;
}

const isDirectory = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() === true;
