import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asRookeryError, RookeryError } from '@rookery/contracts';
import { fileTrouble } from '../file-trouble.ts';

/**
 * Makes a folder that somebody named, and those above it. One at a time: Node's own way never ends where the system says that a folder which
 * is there is not (`/proc`, some mounts).
 * @param option that named it, for people.
 * @throws {RookeryError} USAGE, STORE_FULL, STORE_DENIED.
 */
export async function makeFolder(path: string, option: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return;
  if (found) throw new RookeryError('USAGE', { detail: `${option} ${path}: this is no folder` });
  if (dirname(path) !== path) await makeFolder(dirname(path), option);
  try {
    await mkdir(path);
  } catch (error) {
    // Another process was as quick.
    if ((await stat(path).catch(() => undefined))?.isDirectory()) return;
    throw fileTrouble(error, `${option} ${path}`) ?? asRookeryError(error, 'STORE_DENIED');
  }
}
