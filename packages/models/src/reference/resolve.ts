import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type AliasRecord, RookeryError } from '@rookery/contracts';
import { readAlias, readAliasRecords } from '../alias/aliases.ts';
import { readModel } from '../folder/model-folder.ts';
import { isMissing, type ModelVersionFolder, manifestFile, readVersionFolder } from '../folder/version-folder.ts';
import type { Reference } from './reference.ts';
import { whatThereIs } from './what-there-is.ts';

/** The alias that a bare name means, where it exists. */
export const productionAlias = 'production';

export interface Resolver {
  /** @throws {RookeryError} REFERENCE_INVALID, MODEL_NOT_FOUND, MODEL_CORRUPT, MODEL_INVALID */
  resolve(reference: Reference): Promise<ModelVersionFolder>;
  /** @throws {RookeryError} MODEL_NOT_FOUND, MODEL_CORRUPT, MODEL_INVALID */
  findVersion(name: string, version: string): Promise<ModelVersionFolder>;
}

export function createResolver(folder: string, readBuiltIn: () => Promise<ModelVersionFolder[]>): Resolver {
  const findVersion = async (name: string, version: string): Promise<ModelVersionFolder> => {
    const found =
      (await readVersionFolder(join(folder, name, version))) ??
      (await readBuiltIn()).find(({ manifest }) => manifest.name === name && manifest.version === version);
    if (found) return checkPlace(found, name, version);
    throw notFound(`${name}@${version}`, await thereIs(name));
  };

  const thereIs = async (name: string): Promise<string> => {
    const { versions, aliases } = await readModel(folder, name, await readBuiltIn());
    const known = versions.map(({ manifest }) => manifest.version);
    return whatThereIs(name, folder, known, Object.keys(aliases));
  };

  const byAlias = async (name: string, alias: string): Promise<ModelVersionFolder | undefined> => {
    const version = await readAlias(join(folder, name), alias);
    return version === undefined ? undefined : findVersion(name, version);
  };

  const newest = async (name: string): Promise<ModelVersionFolder> => {
    const { versions, damaged } = await readModel(folder, name, await readBuiltIn());
    // Which one is the newest can't be said any more, and an older model is not what was asked for.
    if (damaged[0])
      throw new RookeryError('MODEL_CORRUPT', {
        detail: `${name}@${damaged[0].version} cannot be read; say which version is meant (${damaged[0].reason})`,
      });
    if (!versions[0]) throw notFound(name, await thereIs(name));
    return versions[0];
  };

  return {
    findVersion,
    async resolve(reference) {
      switch (reference.kind) {
        case 'path':
          return atPath(reference.path);
        case 'registry': {
          const { name, alias, version } = reference;
          if (version !== undefined) return findVersion(name, version);
          const named = await byAlias(name, alias ?? productionAlias);
          if (named) return named;
          if (alias !== undefined) throw notFound(`${name}:${alias}`, await thereIs(name));
          return newest(name);
        }
        default:
          throw new RookeryError('REFERENCE_INVALID', {
            detail: `models cannot be taken from ${reference.kind}:// in this build`,
          });
      }
    },
  };
}

/** The names of aliases that a version would take along. */
export const aliasesOf = async (home: string, version: string): Promise<string[]> =>
  aliasesNaming(await readAliasRecords(home), version);

/** The aliases among these that name the version: as their own, their canary or their shadow. */
export const aliasesNaming = (records: Readonly<Record<string, AliasRecord>>, version: string): string[] =>
  Object.entries(records)
    .filter(([, { version: named, canary, shadow }]) => [named, canary?.version, shadow?.version].includes(version))
    .map(([alias]) => alias);

async function atPath(path: string): Promise<ModelVersionFolder> {
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    (error: unknown) => {
      if (isMissing(error)) throw notFound(path, 'there is no such file or folder');
      throw error;
    },
  );
  if (!isFolder && basename(path) !== manifestFile)
    throw new RookeryError('REFERENCE_INVALID', {
      detail: `${path} is a model file, not a registered model: import it`,
    });
  const found = await readVersionFolder(isFolder ? path : dirname(path));
  if (!found) throw notFound(path, `it holds no ${manifestFile}`);
  return found;
}

/** A version that was copied under another name is not that version. */
function checkPlace(found: ModelVersionFolder, name: string, version: string): ModelVersionFolder {
  if (found.manifest.name === name && found.manifest.version === version) return found;
  throw new RookeryError('MODEL_CORRUPT', {
    detail: `${join(found.folder, manifestFile)} is of ${found.manifest.name}@${found.manifest.version}`,
  });
}

const notFound = (what: string, why: string): RookeryError =>
  new RookeryError('MODEL_NOT_FOUND', { detail: `${what}: ${why}` });
