import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import os from 'node:os';
import { dirname } from 'node:path';
import { asRookeryError } from '@rookery/contracts';
import type { Config } from '../config.ts';
import { type Finding, missing, note, ok } from './check.ts';

/** Folders that are written to, and the models in the registry. */
export const placesFindings = (config: Config): Promise<Finding[]> =>
  Promise.all([registryFinding(config), temporaryFolderFinding()]);

async function registryFinding({ models }: Config): Promise<Finding> {
  const { folder } = models;
  try {
    const { openRegistry } = await import('@rookery/models');
    const registered = await openRegistry({ folder }).list();
    const names = registered.map(({ name, versions }) =>
      versions.length > 1 ? `${name} (${versions.length} versions)` : name,
    );
    const found = `${folder}: ${names.join(', ') || 'empty'}`;
    const unreadable = registered.flatMap(({ unreadable }) => unreadable?.message ?? []);
    if (unreadable.length > 0)
      return missing('Models', `${found}; ${unreadable.join('; ')}`, 'make all of it readable');
    const damaged = registered.flatMap(({ name, damaged }) => damaged.map(({ version }) => `${name}@${version}`));
    if (damaged.length > 0) return note('Models', found, `damaged: ${damaged.join(', ')}; add them again`);
    if (!(await isWritable(folder)))
      return note('Models', `${found} (read-only)`, 'set ROOKERY_MODELS to a folder that can be written to');
    return ok('Models', found);
  } catch (thrown) {
    return missing(
      'Models',
      `${folder}: ${asRookeryError(thrown).message}`,
      'set ROOKERY_MODELS to a folder that can be read',
    );
  }
}

/** A folder that is not there yet can be made where its nearest ancestor can be written to. */
async function isWritable(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK);
    return true;
  } catch (error) {
    const parent = dirname(folder);
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && parent !== folder ? isWritable(parent) : false;
  }
}

async function temporaryFolderFinding(): Promise<Finding> {
  const folder = os.tmpdir();
  const isThere = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!isThere) return missing('Temporary files', folder, 'set TMPDIR to a folder that can be written to');
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const found = `${folder}, ${(free / 1e9).toFixed(1)} GB free`;
  return free < 500e6 ? note('Temporary files', found, 'make room, or set TMPDIR') : ok('Temporary files', found);
}
