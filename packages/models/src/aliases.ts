import { mkdir, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { AliasName, ModelVersion, RookeryError } from '@rookery/contracts';
import { isPortable } from './check-draft.ts';
import { replaceFile } from './durable-write.ts';
import { isMissing } from './version-folder.ts';

/** `folder/<name>/aliases/<alias>` holds the version that the alias names. */
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

/** The version that an alias names; `undefined` where there is no such alias. */
export async function readAlias(home: string, alias: string): Promise<string | undefined> {
  let text: string;
  try {
    text = (await readFile(join(home, aliasesFolder, alias), 'utf8')).trim();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  if (!isVersionName(text))
    throw new RookeryError('MODEL_CORRUPT', { detail: `${join(home, aliasesFolder, alias)} names no version` });
  return text;
}

/** Every alias of a model and the version it names, by name. */
export async function readAliases(home: string): Promise<Record<string, string>> {
  let names: string[];
  try {
    names = await readdir(join(home, aliasesFolder));
  } catch (error) {
    if (isMissing(error)) return {};
    throw error;
  }
  const aliases = names.filter((name) => AliasName.safeParse(name).success).sort();
  const versions = await Promise.all(aliases.map((alias) => readAlias(home, alias)));
  return Object.fromEntries(aliases.flatMap((alias, index) => (versions[index] ? [[alias, versions[index]]] : [])));
}

/** Lets an alias name a version: readers see the old one or the new one. */
export async function writeAlias(home: string, alias: string, version: string): Promise<void> {
  await mkdir(join(home, aliasesFolder), { recursive: true });
  await replaceFile(join(home, aliasesFolder, alias), `${version}\n`);
}

export async function removeAlias(home: string, alias: string): Promise<void> {
  await unlink(join(home, aliasesFolder, alias)).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}
