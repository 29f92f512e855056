import type { KeyObject } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type AliasRecord, RookeryError, type ServingModel } from '@rookery/contracts';
import { checkAlias, checkVersion, readAliasRecord, writeAlias } from '../alias/aliases.ts';
import { moved } from '../alias/move-alias.ts';
import { rolloutOf } from '../alias/rollout.ts';
import { starterFolder } from '../built-in.ts';
import { readingRegistry } from '../reading-registry.ts';
import { parseReference, type Reference } from '../reference/reference.ts';
import { aliasesOf, createResolver } from '../reference/resolve.ts';
import type { AliasOptions, ChangeAlias, Registry } from '../registry.ts';
import { readSignatures, writeSignature } from '../signing/signature-files.ts';
import { requireSignature } from '../signing/signing.ts';
import { checkName } from '../version/check-draft.ts';
import { type LoadOptions, loadModel } from '../version/load-model.ts';
import { verifyVersion } from '../version/verify.ts';
import { withFolderLock } from './folder-lock.ts';
import { namesIn, readModel } from './model-folder.ts';
import { publishVersion } from './publish.ts';
import { contentsOf, receiveVersion } from './receive-version.ts';
import { removeVersion } from './remove-version.ts';
import { storeError } from './store-error.ts';
import { type ModelVersionFolder, readVersionFolder } from './version-folder.ts';

export interface RegistryOptions {
  /** Made when something is published. */
  readonly folder: string;
  /** Folders of versions that are there without having been added; the starter where nothing is said. */
  readonly builtIn?: readonly string[] | undefined;
  /** Keys of which one must have signed what is loaded; nothing is checked where nothing is said. */
  readonly trusted?: readonly KeyObject[] | undefined;
}

/** A registry in a folder: `<folder>/<name>/<version>/manifest.json` and `<folder>/<name>/aliases/<alias>`. Nothing is read yet. */
export function openRegistry({ folder, builtIn = [starterFolder()], trusted }: RegistryOptions): Registry {
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

  const changeAlias = async (name: string, alias: string, change: ChangeAlias): Promise<AliasRecord | undefined> => {
    checkAlias(alias);
    checkName(name);
    const home = join(folder, name);
    try {
      return await withFolderLock(home, async () => {
        const now = await readAliasRecord(home, alias);
        const next = change(now);
        if (next === undefined) return now;
        // In the lock: what is there now cannot be removed before the alias names it.
        for (const version of [next.version, next.canary?.version, next.shadow?.version])
          if (version !== undefined) await findVersion(name, version);
        await writeAlias(home, alias, next);
        return next;
      });
    } catch (error) {
      throw storeError(error, home);
    }
  };

  const alias = async (name: string, alias: string, version: string, options: AliasOptions = {}): Promise<void> => {
    checkAlias(alias);
    checkName(name);
    checkVersion(version);
    // A folder is locked, and so made, only for what there is.
    await findVersion(name, version);
    await changeAlias(name, alias, (now) => moved(now, version, `${name}:${alias}`, options));
  };

  return {
    location: folder,
    folder,
    async list() {
      await checkFolder(folder);
      const builtIns = await readBuiltIn();
      const names = new Set([
        ...(await namesIn(folder)).filter((name) => isName(name)),
        ...builtIns.map(({ manifest }) => manifest.name),
      ]);
      const models = await Promise.all([...names].sort().map((name) => readModel(folder, name, builtIns)));
      return models.filter(({ versions, damaged, unreadable }) => versions.length + damaged.length > 0 || unreadable);
    },
    resolve: (reference) => readingRegistry(async () => resolve(parsed(reference))),
    show: (reference) =>
      readingRegistry(async () => {
        const found = await resolve(parsed(reference));
        const { name, version } = found.manifest;
        return { ...found, aliases: await aliasesOf(join(folder, name), version) };
      }),
    load: (reference, options) =>
      readingRegistry(async () => {
        const found = await resolve(parsed(reference));
        if (trusted && !found.builtIn) requireSignature(found.manifest, await readSignatures(found.folder), trusted);
        return load(found, options);
      }),
    async publish(name, draft, options = {}) {
      if (options.alias !== undefined) checkAlias(options.alias);
      const published = await publishVersion(folder, name, draft);
      if (options.alias !== undefined) await alias(name, options.alias, published.version);
      return published;
    },
    alias,
    readAlias: (name, alias) =>
      readingRegistry(async () => {
        checkAlias(alias);
        checkName(name);
        return readAliasRecord(join(folder, name), alias);
      }),
    changeAlias,
    rollout: (reference) => readingRegistry(async () => rolloutOf(parsed(reference), { folder, resolve })),
    open: (reference) => readingRegistry(async () => contentsOf(await resolve(parsed(reference)))),
    accept: (contents, { signal } = {}) => receiveVersion(folder, contents, signal),
    signatures: (reference) => readingRegistry(async () => readSignatures((await resolve(parsed(reference))).folder)),
    addSignature: (reference, signature) =>
      readingRegistry(async () => {
        const found = await resolve(parsed(reference));
        if (found.builtIn)
          throw new RookeryError('REFERENCE_INVALID', { detail: 'what ships with Rookery cannot be signed' });
        await writeSignature(found.folder, signature);
      }),
    verify: (reference, signal) => readingRegistry(async () => verifyVersion(await resolve(parsed(reference)), signal)),
    remove: (reference, options = {}) =>
      readingRegistry(async () => removeVersion({ folder, resolve }, parsed(reference), options.force === true)),
    [Symbol.asyncDispose]: async () => {},
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

/** A registry that is not there yet is empty; a file in its place is none. */
async function checkFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found && !found.isDirectory())
    throw new RookeryError('STORE_NOT_FOUND', { detail: `${folder}: this is no folder` });
}

const isName = (name: string): boolean => {
  try {
    return parseReference(name).kind === 'registry' && !/[:@]/.test(name);
  } catch {
    return false;
  }
};
