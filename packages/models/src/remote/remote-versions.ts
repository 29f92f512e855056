import { type ModelManifest, RookeryError } from '@rookery/contracts';
import { versionsOf } from '../alias/aliases.ts';
import { type ModelVersionFolder, parseManifest } from '../folder/version-folder.ts';
import type { Reference } from '../reference/reference.ts';
import { createResolver, productionAlias } from '../reference/resolve.ts';
import { whatThereIs } from '../reference/what-there-is.ts';
import type { RegisteredModel } from '../registry.ts';
import type { RemotePlace } from './place.ts';

interface RemoteVersionsOptions {
  readonly place: RemotePlace;
  /** Where paths are looked for that are no references. */
  readonly cacheFolder: string;
  readonly builtIn: readonly ModelVersionFolder[];
}

/** What there is in a registry elsewhere, beside what comes along: manifests, aliases, what a reference means. Changes nothing. */
export interface RemoteVersions {
  /** @throws {RookeryError} MODEL_NOT_FOUND, MODEL_CORRUPT */
  find(name: string, version: string): Promise<ModelVersionFolder>;
  /** @throws {RookeryError} MODEL_NOT_FOUND, MODEL_CORRUPT, those of the place */
  resolve(reference: Reference): Promise<ModelVersionFolder>;
  readModel(name: string): Promise<RegisteredModel>;
  isRemote(found: ModelVersionFolder): boolean;
  /** It was removed. */
  forget(name: string, version: string): void;
}

export function remoteVersions({ place, cacheFolder, builtIn }: RemoteVersionsOptions): RemoteVersions {
  /** A version never changes, and so neither does its manifest. */
  const manifests = new Map<string, ModelManifest>();
  const paths = createResolver(cacheFolder, async () => [...builtIn]);
  const addressOf = (name: string, version: string): string => `${place.location}/${name}/${version}`;
  const isRemote = ({ folder, manifest }: ModelVersionFolder): boolean =>
    folder === addressOf(manifest.name, manifest.version);

  const manifestAt = async (name: string, version: string): Promise<ModelManifest | undefined> => {
    const address = addressOf(name, version);
    const known = manifests.get(address);
    if (known) return known;
    const text = await place.readManifest(name, version);
    if (text === undefined) return undefined;
    const manifest = parseManifest(text, `${address}/manifest.json`);
    if (manifest.name !== name || manifest.version !== version)
      throw new RookeryError('MODEL_CORRUPT', { detail: `${address} is of ${manifest.name}@${manifest.version}` });
    manifests.set(address, manifest);
    return manifest;
  };
  const asFolder = (manifest: ModelManifest): ModelVersionFolder => ({
    manifest,
    folder: addressOf(manifest.name, manifest.version),
    builtIn: false,
  });
  const find = async (name: string, version: string): Promise<ModelVersionFolder> => {
    const manifest = await manifestAt(name, version);
    if (manifest) return asFolder(manifest);
    const shipped = builtIn.find((each) => each.manifest.name === name && each.manifest.version === version);
    if (shipped) return shipped;
    throw await notFound(`${name}@${version}`, name);
  };
  const notFound = async (what: string, name: string): Promise<RookeryError> => {
    const [versions, aliases] = await Promise.all([place.versions(name), place.aliases(name)]);
    const detail = `${what}: ${whatThereIs(name, place.location, versions, Object.keys(aliases))}`;
    return new RookeryError('MODEL_NOT_FOUND', { detail });
  };

  const readModel = async (name: string): Promise<RegisteredModel> => {
    const versions: ModelVersionFolder[] = [];
    const damaged: { version: string; reason: string }[] = [];
    for (const version of await place.versions(name)) {
      try {
        const manifest = await manifestAt(name, version);
        if (manifest) versions.push(asFolder(manifest));
      } catch (error) {
        if (!(error instanceof RookeryError) || !['MODEL_CORRUPT', 'MODEL_INVALID'].includes(error.code)) throw error;
        damaged.push({ version, reason: error.message });
      }
    }
    versions.sort((a, b) => (ageKey(a) < ageKey(b) ? 1 : -1));
    const added = new Set(versions.map(({ manifest }) => manifest.version));
    const shipped = builtIn.filter(({ manifest }) => manifest.name === name && !added.has(manifest.version));
    const targets = await place.aliases(name);
    return {
      name,
      aliases: versionsOf(targets),
      targets,
      versions: [...versions, ...shipped],
      damaged,
      unreadable: undefined,
    };
  };

  const newest = async (name: string): Promise<ModelVersionFolder> => {
    const { versions, damaged } = await readModel(name);
    if (damaged[0])
      throw new RookeryError('MODEL_CORRUPT', {
        detail: `${name}@${damaged[0].version} cannot be read; say which version is meant (${damaged[0].reason})`,
      });
    if (!versions[0]) throw await notFound(name, name);
    return versions[0];
  };

  const resolve = async (reference: Reference): Promise<ModelVersionFolder> => {
    if (reference.kind !== 'registry') return paths.resolve(reference);
    const { name, alias, version } = reference;
    if (version !== undefined) return find(name, version);
    const held = await place.readAlias(name, alias ?? productionAlias);
    if (held) return find(name, held.record.version);
    if (alias !== undefined) throw await notFound(`${name}:${alias}`, name);
    return newest(name);
  };

  return {
    find,
    resolve,
    readModel,
    isRemote,
    forget: (name, version) => void manifests.delete(addressOf(name, version)),
  };
}

const ageKey = ({ manifest }: ModelVersionFolder): string => `${manifest.createdAt} ${manifest.version}`;
