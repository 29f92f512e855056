import type { KeyObject } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AliasRecord,
  type ModelFile,
  type ModelManifest,
  RookeryError,
  type ServingModel,
} from '@rookery/contracts';
import { checkAlias, checkVersion } from '../alias/aliases.ts';
import { moved } from '../alias/move-alias.ts';
import { contentsOf } from '../folder/receive-version.ts';
import type { ModelVersionFolder } from '../folder/version-folder.ts';
import { readingRegistry } from '../reading-registry.ts';
import { parseReference, type Reference } from '../reference/reference.ts';
import { aliasesNaming, productionAlias } from '../reference/resolve.ts';
import type { ChangeAlias, Registry } from '../registry.ts';
import { readSignatures } from '../signing/signature-files.ts';
import { requireSignature } from '../signing/signing.ts';
import { checkDraft, checkName } from '../version/check-draft.ts';
import { filesBelow, type LoadOptions, loadModel } from '../version/load-model.ts';
import { digestOfChunks } from '../version/verified-chunks.ts';
import { type VerifiedFile, verifyVersion } from '../version/verify.ts';
import type { VersionContents } from '../version/version-contents.ts';
import type { ModelCache } from './model-cache.ts';
import type { RemotePlace } from './place.ts';
import { remoteVersions } from './remote-versions.ts';
import { removeRemote } from './remove-remote.ts';

export interface RemoteRegistryOptions {
  readonly place: RemotePlace;
  readonly cache: ModelCache;
  readonly builtIn: readonly ModelVersionFolder[];
  /** Keys of which one must have signed what is loaded; nothing is checked where nothing is said. */
  readonly trusted?: readonly KeyObject[] | undefined;
}

/** A registry in a place elsewhere, its files in a cache of this machine. */
export function remoteRegistry({ place, cache, builtIn, trusted }: RemoteRegistryOptions): Registry {
  const remote = remoteVersions({ place, cacheFolder: cache.options.folder, builtIn });
  const { resolve, isRemote } = remote;
  const parsed = (reference: string | Reference) =>
    typeof reference === 'string' ? parseReference(reference) : reference;

  const readFrom = (manifest: ModelManifest) => (file: ModelFile, start: number, signal?: AbortSignal) =>
    place.readFile(manifest.name, manifest.version, file, start, signal);

  const open = async (found: ModelVersionFolder): Promise<VersionContents> => {
    if (!isRemote(found)) return contentsOf(found);
    const { manifest } = found;
    const read = readFrom(manifest);
    return {
      manifest,
      signatures: await place.signatures(manifest.name, manifest.version),
      read: (file, start = 0, signal) => read(file, start, signal),
    };
  };
  const signaturesOf = (found: ModelVersionFolder) =>
    isRemote(found) ? place.signatures(found.manifest.name, found.manifest.version) : readSignatures(found.folder);

  const load = async (found: ModelVersionFolder, options: LoadOptions = {}): Promise<ServingModel> => {
    const { manifest } = found;
    if (trusted && !found.builtIn) requireSignature(manifest, await signaturesOf(found), trusted);
    if (!isRemote(found)) return loadModel(found, options);
    // Lineage is no condition of using a model.
    await place.recordUse(manifest.name, manifest.version).catch(() => {});
    const files = filesOf(manifest, options.variant ?? manifest.defaultVariant);
    const cached = () => cache.ensure(manifest, files, readFrom(manifest), options.signal);
    try {
      return await loadModel(await cached(), options);
    } catch (error) {
      if (!(error instanceof RookeryError) || error.code !== 'MODEL_CORRUPT') throw error;
      // What lay in the cache was changed there, or made room just now.
      await cache.forget(await cached());
      return loadModel(await cached(), options);
    }
  };

  const changeAlias = async (name: string, alias: string, change: ChangeAlias): Promise<AliasRecord | undefined> => {
    checkAlias(alias);
    checkName(name);
    for (let attempt = 0; ; attempt++) {
      const held = await place.readAlias(name, alias);
      const next = change(held?.record);
      if (next === undefined) return held?.record;
      for (const version of [next.version, next.canary?.version, next.shadow?.version])
        if (version !== undefined) await remote.find(name, version);
      if (await place.swapAlias(name, alias, next, held?.revision)) return next;
      if (attempt === 20) throw new RookeryError('ALIAS_CONFLICT', { detail: `${name}:${alias}` });
      await sleep(Math.random() * 20 * (attempt + 1));
    }
  };
  const alias: Registry['alias'] = async (name, alias, version, options = {}) => {
    checkVersion(version);
    await changeAlias(name, alias, (now) => moved(now, version, `${name}:${alias}`, options));
  };

  const put = async (contents: VersionContents, signal?: AbortSignal) => {
    const { created, repaired } = await place.put(contents, signal);
    return { version: contents.manifest.version, created, repaired };
  };

  return {
    location: place.location,
    folder: cache.options.folder,
    async list() {
      const names = new Set([...(await place.names()), ...builtIn.map(({ manifest }) => manifest.name)]);
      const models = await Promise.all([...names].filter(isName).sort().map(remote.readModel));
      return models.filter(({ versions, damaged }) => versions.length + damaged.length > 0);
    },
    resolve: async (reference) => resolve(parsed(reference)),
    async show(reference) {
      const found = await resolve(parsed(reference));
      const { name, version } = found.manifest;
      return { ...found, aliases: aliasesNaming(await place.aliases(name), version) };
    },
    load: (reference, options) => readingRegistry(async () => load(await resolve(parsed(reference)), options)),
    async publish(name, draft, options = {}) {
      checkName(name);
      if (options.alias !== undefined) checkAlias(options.alias);
      const manifest = checkDraft(name, draft, new Date());
      const read = async function* (file: ModelFile, start = 0) {
        yield (draft.files.get(file.path) as Uint8Array).subarray(start);
      };
      const published = await put({ manifest, read, signatures: [] });
      if (options.alias !== undefined) await alias(name, options.alias, published.version);
      return published;
    },
    alias,
    async readAlias(name, alias) {
      checkAlias(alias);
      checkName(name);
      return (await place.readAlias(name, alias))?.record;
    },
    changeAlias,
    async rollout(reference) {
      const asked = parsed(reference);
      if (asked.kind === 'registry' && asked.version === undefined) {
        const { name, alias = productionAlias } = asked;
        const held = await place.readAlias(name, alias);
        if (held) {
          const { version, canary, shadow, rules } = held.record;
          return { name, alias, version, canary, shadow, rules };
        }
      }
      const { name, version } = (await resolve(asked)).manifest;
      return { name, version };
    },
    open: async (reference) => open(await resolve(parsed(reference))),
    accept: (contents, { signal } = {}) => put(contents, signal),
    signatures: async (reference) => signaturesOf(await resolve(parsed(reference))),
    async addSignature(reference, signature) {
      const found = await resolve(parsed(reference));
      if (!isRemote(found))
        throw new RookeryError('REFERENCE_INVALID', { detail: 'only versions of the registry can be signed' });
      await place.addSignature(found.manifest.name, found.manifest.version, signature);
    },
    async verify(reference, signal) {
      const version = await resolve(parsed(reference));
      if (!isRemote(version)) return verifyVersion(version, signal);
      const files = await Promise.all(
        version.manifest.files.map((file) => verifyRemote(file, version.manifest, signal)),
      );
      return { version, intact: files.every(({ expected, found }) => expected === found), files };
    },
    remove: async (reference, options = {}) =>
      removeRemote({ place, versions: remote }, parsed(reference), options.force === true),
    [Symbol.asyncDispose]: async () => place[Symbol.asyncDispose](),
  };

  async function verifyRemote(file: ModelFile, manifest: ModelManifest, signal?: AbortSignal): Promise<VerifiedFile> {
    const { path, sizeBytes, digest: expected } = file;
    let found: VerifiedFile['found'];
    try {
      found = await digestOfChunks(readFrom(manifest)(file, 0, signal));
    } catch (error) {
      // It is not there.
      if (!(error instanceof RookeryError) || error.code !== 'MODEL_CORRUPT') throw error;
      found = null;
    }
    return { path, sizeBytes, expected, found };
  }
}

/** The files that a variant is run with. */
function filesOf(manifest: ModelManifest, variant: string): ModelFile[] {
  const path = manifest.variants[variant]?.path;
  // An unknown variant is named by whoever loads it.
  if (path === undefined) return [];
  const below = new Set(filesBelow(manifest, path).map((file) => file.path));
  return manifest.files.filter((file) => file.path === path || file.path === manifest.labels || below.has(file.path));
}

function isName(name: string): boolean {
  try {
    checkName(name);
    return true;
  } catch {
    return false;
  }
}
