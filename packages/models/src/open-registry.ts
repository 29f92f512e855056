import { join } from 'node:path';
import { asRookeryError, RookeryError, type ServingModel } from '@rookery/contracts';
import { checkAlias, checkVersion, readAlias, writeAlias } from './aliases.ts';
import { starterFolder } from './built-in.ts';
import { checkName } from './check-draft.ts';
import { withFolderLock } from './folder-lock.ts';
import { type LoadOptions, loadModel } from './load-model.ts';
import { namesIn, readModel } from './model-folder.ts';
import { publishVersion } from './publish.ts';
import { parseReference, type Reference } from './reference.ts';
import type { AliasOptions, Registry } from './registry.ts';
import { removeVersion } from './remove-version.ts';
import { aliasesOf, createResolver } from './resolve.ts';
import { storeError } from './store-error.ts';
import { verifyVersion } from './verify.ts';
import { type ModelVersionFolder, readVersionFolder } from './version-folder.ts';

export interface RegistryOptions {
  /** Made when something is published. */
  readonly folder: string;
  /** Folders of versions that are there without having been added; the starter where nothing is said. */
  readonly builtIn?: readonly string[] | undefined;
}

/** A registry in a folder: `<folder>/<name>/<version>/manifest.json` and `<folder>/<name>/aliases/<alias>`. Nothing is read yet. */
export function openRegistry({ folder, builtIn = [starterFolder()] }: RegistryOptions): Registry {
  let shipped: Promise<ModelVersionFolder[]> | undefined;
  const readBuiltIn = () => {
    shipped ??= Promise.all(builtIn.map((each) => readVersionFolder(each, true))).then((found) =>
      found.filter((each) => each !== undefined),
    );
    return shipped;
  };
  const { resolve, findVersion } = createResolver(folder, readBuiltIn);
  const parsed = (reference: string | Reference) =>
    typeof reference === 'string' ? parseReference(reference) : reference;

  const alias = async (name: string, alias: string, version: string, options: AliasOptions = {}): Promise<void> => {
    checkAlias(alias);
    checkName(name);
    checkVersion(version);
    const home = join(folder, name);
    await findVersion(name, version);
    await withFolderLock(home, async () => {
      // Again: it may have been removed meanwhile, and now it can't be.
      await findVersion(name, version);
      const current = await readAlias(home, alias);
      if (options.expect !== undefined && (current ?? null) !== options.expect)
        throw new RookeryError('ALIAS_CONFLICT', {
          detail: `${name}:${alias} names ${current ?? 'nothing'}, not ${options.expect ?? 'nothing'}`,
        });
      if (current !== version) await writeAlias(home, alias, version);
    }).catch((error: unknown) => {
      throw storeError(error, home);
    });
  };

  return {
    folder,
    async list() {
      const builtIns = await readBuiltIn();
      const names = new Set([
        ...(await namesIn(folder)).filter((name) => isName(name)),
        ...builtIns.map(({ manifest }) => manifest.name),
      ]);
      const models = await Promise.all([...names].sort().map((name) => readModel(folder, name, builtIns)));
      return models.filter(({ versions, damaged }) => versions.length + damaged.length > 0);
    },
    resolve: (reference) => wrap(async () => resolve(parsed(reference))),
    show: (reference) =>
      wrap(async () => {
        const found = await resolve(parsed(reference));
        const { name, version } = found.manifest;
        return { ...found, aliases: await aliasesOf(join(folder, name), version) };
      }),
    load: (reference, options) => wrap(async () => load(await resolve(parsed(reference)), options)),
    async publish(name, draft, options = {}) {
      if (options.alias !== undefined) checkAlias(options.alias);
      const published = await publishVersion(folder, name, draft);
      if (options.alias !== undefined) await alias(name, options.alias, published.version);
      return published;
    },
    alias,
    verify: (reference, signal) => wrap(async () => verifyVersion(await resolve(parsed(reference)), signal)),
    remove: (reference, options = {}) =>
      wrap(async () => removeVersion({ folder, resolve }, parsed(reference), options.force === true)),
  };
}

/** Files that are gone together with their manifest were removed while they were read; that is no damage. */
async function load(version: ModelVersionFolder, options: LoadOptions | undefined): Promise<ServingModel> {
  try {
    return await loadModel(version, options);
  } catch (error) {
    const damaged = error instanceof RookeryError && error.code === 'MODEL_CORRUPT';
    if (!damaged || (await readVersionFolder(version.folder))) throw error;
    throw new RookeryError('MODEL_NOT_FOUND', { detail: `${version.folder} was removed meanwhile`, cause: error });
  }
}

const isName = (name: string): boolean => {
  try {
    return parseReference(name).kind === 'registry' && !/[:@]/.test(name);
  } catch {
    return false;
  }
};

const wrap = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw asRookeryError(error, 'SOURCE_UNREADABLE');
  }
};
