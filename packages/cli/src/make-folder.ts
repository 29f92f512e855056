import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asRookeryError, makeFolders, RookeryError } from '@rookery/contracts';
import { fileTrouble } from './file-trouble.ts';

/**
 * Makes a folder that somebody named, and those above it; resolves to the first one made.
 * @param option that named it, for people.
 * @throws {RookeryError} USAGE, STORE_FULL, STORE_DENIED.
 */
export async function makeFolder(path: string, option: string): Promise<string | undefined> {
  const usage = (detail: string, cause?: unknown) =>
    new RookeryError('USAGE', { detail: `${option} ${detail}`, cause });
  const blocked = await inTheWay(path);
  if (blocked !== undefined) throw usage(`${blocked}: this is no folder`);
  try {
    return await makeFolders(path);
  } catch (error) {
    if (error instanceof RookeryError) throw usage(error.detail ?? path, error);
    throw fileTrouble(error, `${option} ${path}`) ?? asRookeryError(error, 'STORE_DENIED');
  }
}

/** What has the name of the folder, or of one above it, and is none. */
async function inTheWay(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found) return found.isDirectory() ? undefined : path;
  return dirname(path) === path ? undefined : await inTheWay(dirname(path));
}
