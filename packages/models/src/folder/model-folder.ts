import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type AliasRecord, asRookeryError, RookeryError } from '@rookery/contracts';
import { isVersionName, readAliasRecords, versionsOf } from '../alias/aliases.ts';
import type { RegisteredModel } from '../registry.ts';
import { isMissing, type ModelVersionFolder, readVersionFolder, systemCode } from './version-folder.ts';

/** Names in a folder; none where it is not there. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw new RookeryError('SOURCE_UNREADABLE', { detail: `${folder}: ${systemCode(error)}`, cause: error });
  }
}

/** Those that can be versions: not the aliases, nothing that is being written. */
export const versionNames = (names: readonly string[]): string[] => names.filter(isVersionName);

/** Everything under one name: what was added, and the version that ships with Rookery, if any. */
export async function readModel(
  folder: string,
  name: string,
  builtIn: readonly ModelVersionFolder[],
): Promise<RegisteredModel> {
  const home = join(folder, name);
  const versions: ModelVersionFolder[] = [];
  const damaged: { version: string; reason: string }[] = [];
  let unreadable: RookeryError | undefined;
  const unlessUnreadable = async <T>(read: Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await read;
    } catch (thrown) {
      unreadable ??= asRookeryError(thrown, 'SOURCE_UNREADABLE');
      return otherwise;
    }
  };
  for (const version of versionNames(await unlessUnreadable(namesIn(home), []))) {
    try {
      const found = await readVersionFolder(join(home, version));
      if (found) versions.push(found);
    } catch (error) {
      if (!(error instanceof RookeryError)) throw error;
      damaged.push({ version, reason: error.message });
    }
  }
  versions.sort(newestFirst);
  const added = new Set(versions.map(({ manifest }) => manifest.version));
  const shipped = builtIn.filter(({ manifest }) => manifest.name === name && !added.has(manifest.version));
  const targets = await unlessUnreadable(readAliasRecords(home), {} as Record<string, AliasRecord>);
  return { name, aliases: versionsOf(targets), targets, versions: [...versions, ...shipped], damaged, unreadable };
}

/** Ties go to the greater version, so that the order is one. */
function newestFirst(a: ModelVersionFolder, b: ModelVersionFolder): number {
  const [left, right] = [a, b].map(({ manifest }) => `${manifest.createdAt} ${manifest.version}`);
  return left === right ? 0 : (left ?? '') < (right ?? '') ? 1 : -1;
}
