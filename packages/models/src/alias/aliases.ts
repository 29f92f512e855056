import { readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AliasName,
  type AliasRecord,
  encodeAliasRecord,
  ModelVersion,
  makeFolders,
  parseAliasRecord,
  RookeryError,
} from '@rookery/contracts';
import { replaceFile } from '../folder/durable-write.ts';
import { isMissing } from '../folder/version-folder.ts';
import { isPortable } from '../version/check-draft.ts';

/** `folder/<name>/aliases/<alias>` holds what the alias names: a version, or a record. */
const aliasesFolder = 'aliases';

/** Not a version that `home` (the folder of one model) could hold. */
export const isVersionName = (name: string): boolean => name !== aliasesFolder && ModelVersion.safeParse(name).success;

/** @throws {RookeryError} REFERENCE_INVALID */
export function checkVersion(version: string): void {
  if (!isVersionName(version)) throw new RookeryError('REFERENCE_INVALID', { detail: `"${version}" is no version` });
}

/** @throws {RookeryError} REFERENCE_INVALID */
export function checkAlias(alias: string): void {
  if (!AliasName.safeParse(alias).success || !isPortable(alias))
    throw new RookeryError('REFERENCE_INVALID', {
      detail: `"${alias}" is no alias: a lower-case letter, then letters, digits, ".", "_" or "-"`,
    });
}

/** What an alias names; `undefined` where there is no such alias. */
export async function readAliasRecord(home: string, alias: string): Promise<AliasRecord | undefined> {
  const path = join(home, aliasesFolder, alias);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  return recordOf(text, path);
}

/** @throws {RookeryError} MODEL_CORRUPT where the text of an alias names no version. */
export function recordOf(text: string, place: string): AliasRecord {
  try {
    const record = parseAliasRecord(text);
    if ([record.version, record.canary?.version, record.shadow?.version].every((each) => !each || isVersionName(each)))
      return record;
  } catch {
    // Said below, whatever is wrong with it.
  }
  throw new RookeryError('MODEL_CORRUPT', { detail: `${place} names no version` });
}

/** The version that an alias names; `undefined` where there is no such alias. */
export const readAlias = async (home: string, alias: string): Promise<string | undefined> =>
  (await readAliasRecord(home, alias))?.version;

/** Every alias of a model and what it names, by name. */
export async function readAliasRecords(home: string): Promise<Record<string, AliasRecord>> {
  let names: string[];
  try {
    names = await readdir(join(home, aliasesFolder));
  } catch (error) {
    if (isMissing(error)) return {};
    throw error;
  }
  const aliases = names.filter((name) => AliasName.safeParse(name).success).sort();
  const records = await Promise.all(aliases.map((alias) => readAliasRecord(home, alias)));
  return Object.fromEntries(aliases.flatMap((alias, index) => (records[index] ? [[alias, records[index]]] : [])));
}

/** By alias: the version that answers. */
export const versionsOf = (records: Readonly<Record<string, AliasRecord>>): Record<string, string> =>
  Object.fromEntries(Object.entries(records).map(([alias, { version }]) => [alias, version]));

/** Lets an alias name something else: readers see the old record or the new one. */
export async function writeAlias(home: string, alias: string, record: AliasRecord): Promise<void> {
  await makeFolders(join(home, aliasesFolder));
  await replaceFile(join(home, aliasesFolder, alias), encodeAliasRecord(record));
}

export async function removeAlias(home: string, alias: string): Promise<void> {
  await unlink(join(home, aliasesFolder, alias)).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}
