import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RookeryError } from '@rookery/contracts';
import { removeAlias } from '../alias/aliases.ts';
import type { Reference } from '../reference/reference.ts';
import { aliasesOf, type Resolver } from '../reference/resolve.ts';
import type { RemovedVersion } from '../registry.ts';
import { temporaryName } from './durable-write.ts';
import { withFolderLock } from './folder-lock.ts';
import { namesIn, versionNames } from './model-folder.ts';
import { storeError } from './store-error.ts';
import { isMissing } from './version-folder.ts';

interface Place {
  readonly folder: string;
  readonly resolve: Resolver['resolve'];
}

/** Takes a version out of sight, then deletes it; damaged ones too. @throws {RookeryError} MODEL_IN_USE, MODEL_NOT_FOUND */
export async function removeVersion(place: Place, reference: Reference, force: boolean): Promise<RemovedVersion> {
  if (reference.kind !== 'registry')
    throw new RookeryError('REFERENCE_INVALID', { detail: 'only versions of the registry can be removed' });
  const { name } = reference;
  const version = await versionMeant(place, reference);
  const home = join(place.folder, name);
  if (!(await isThere(join(home, version)))) {
    await place.resolve({ kind: 'registry', name, version });
    throw new RookeryError('MODEL_IN_USE', { detail: `${name}@${version} ships with Rookery` });
  }
  try {
    return await withFolderLock(home, async () => {
      const aliases = await aliasesOf(home, version);
      if (aliases.length > 0 && !force)
        throw new RookeryError('MODEL_IN_USE', {
          detail: `${aliases.map((alias) => `${name}:${alias}`).join(', ')} names ${version}`,
        });
      for (const alias of aliases) await removeAlias(home, alias);
      const removed = join(home, temporaryName(`removed-${version}`));
      await rename(join(home, version), removed);
      await rm(removed, { recursive: true, force: true });
      return { name, version, aliases };
    });
  } catch (error) {
    throw storeError(error, join(home, version));
  }
}

async function versionMeant(place: Place, reference: Reference & { kind: 'registry' }): Promise<string> {
  if (reference.version !== undefined) return reference.version;
  if (reference.alias === undefined) {
    const versions = versionNames(await namesIn(join(place.folder, reference.name)));
    if (versions.length > 1)
      throw new RookeryError('REFERENCE_INVALID', {
        detail: `${reference.name} has ${versions.length} versions: say which one, as ${reference.name}@${versions[0]}`,
      });
    if (versions[0] !== undefined) return versions[0];
  }
  return (await place.resolve(reference)).manifest.version;
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
