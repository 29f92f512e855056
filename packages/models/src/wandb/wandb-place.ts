import { type AliasRecord, type ModelFile, RookeryError } from '@rookery/contracts';
import { encodeManifest } from '../folder/receive-version.ts';
import { manifestFile } from '../folder/version-folder.ts';
import type { HeldAlias, RemotePlace } from '../remote/place.ts';
import type { Signature } from '../signing/signing.ts';
import { verifiedChunks } from '../version/verified-chunks.ts';
import type { VersionContents } from '../version/version-contents.ts';
import { Artifacts, type FoundArtifact } from './artifacts.ts';
import { inRun } from './in-run.ts';
import { readArtifactFile } from './read-artifact-file.ts';
import { metadataOf, type RookeryMetadata, recordAt, revisionOf, rookeryOf, withRookery } from './rookery-metadata.ts';
import { uploadArtifact } from './upload-artifact.ts';
import type { WandbClient } from './wandb-client.ts';
import { useArtifact } from './wandb-run.ts';

/** The type of artifacts that are models, as the original called it. */
export const modelType = 'model';

/**
 * Versions as artifacts of a project of Weights & Biases: a collection of type `model` each model, an artifact each version, which an alias
 * of the version's name finds. Two who change one alias at the same moment are not told apart: W&B has no conditional writes.
 *
 * Collections of a model registry (`entity/model-registry`, `entity/wandb-registry-model`) link artifacts of other projects: their aliases
 * are read and moved as others are, but nothing is put there or removed. One may have another name than the models it links: they are read
 * as versions of its name, without their signatures, which are of their own.
 */
export function wandbPlace(client: WandbClient, entity: string, project: string): RemotePlace {
  const location = `wandb://${entity}/${project}`;
  const artifacts = new Artifacts(client, entity, project);
  const used = new Set<string>();
  const linksOnly = project === registryProject || project.startsWith('wandb-registry-');
  /** An artifact has its own aliases and those of links to it: their records lie side by side. */
  const keyOf = (alias: string): string => (linksOnly ? `${entity}/${project}:${alias}` : alias);
  const refuse = (what: string): RookeryError =>
    new RookeryError('REFERENCE_INVALID', {
      detail: `${location} links versions of other projects: ${what}`,
    });

  const versionAt = async (name: string, version: string, signal?: AbortSignal): Promise<FoundArtifact | undefined> => {
    const named = await artifacts.find(name, version, signal);
    if (named && rookeryOf(named)?.version === version) return named;
    // A link brings no aliases along.
    return linksOnly ? (await artifacts.list(name)).find((each) => rookeryOf(each)?.version === version) : undefined;
  };
  const knownVersion = async (name: string, version: string): Promise<FoundArtifact> => {
    const found = await versionAt(name, version);
    if (found) return found;
    throw new RookeryError('MODEL_NOT_FOUND', { detail: `${name}@${version} is not in ${location}` });
  };

  async function* readFile(name: string, version: string, file: ModelFile, start: number, signal?: AbortSignal) {
    if (start >= file.sizeBytes) return;
    const found = await versionAt(name, version, signal);
    const chunks = found && (await readArtifactFile(artifacts, found.id, file.path, start, signal));
    if (!chunks)
      throw new RookeryError('MODEL_CORRUPT', { detail: `${location}/${name}:${version} has no ${file.path}` });
    yield* chunks;
  }

  const readText = async (name: string, version: string): Promise<string | undefined> => {
    const found = await versionAt(name, version);
    const chunks = found && (await readArtifactFile(artifacts, found.id, manifestFile));
    if (!chunks) return undefined;
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    return Buffer.concat(parts).toString();
  };
  const readManifest = async (name: string, version: string): Promise<string | undefined> => {
    const text = await readText(name, version);
    return text !== undefined && linksOnly ? calledAs(name, text) : text;
  };
  /** Whether what is linked there has the name of the collection: its signatures are of a manifest with its own. */
  const hasOwnName = async (name: string, version: string): Promise<boolean> => {
    if (!linksOnly) return true;
    const text = await readText(name, version);
    return text === undefined || calledAs(name, text) === text;
  };

  const isIntact = async (name: string, version: string, file: ModelFile, signal?: AbortSignal): Promise<boolean> => {
    try {
      for await (const _ of verifiedChunks(readFile(name, version, file, 0, signal), file, location));
      return true;
    } catch (error) {
      if (error instanceof RookeryError && ['MODEL_CORRUPT', 'OBJECT_NOT_FOUND'].includes(error.code)) return false;
      throw error;
    }
  };

  const change = (artifact: FoundArtifact, next: (now: RookeryMetadata) => Partial<RookeryMetadata>): Promise<void> => {
    const now = rookeryOf(artifact);
    return now
      ? artifacts.setMetadata(artifact.id, withRookery(artifact, { ...now, ...next(now) }))
      : Promise.resolve();
  };
  const forget = (artifact: FoundArtifact, alias: string): Promise<void> =>
    change(artifact, ({ aliases: { [keyOf(alias)]: _, ...aliases } }) => ({ aliases }));

  const upload = (
    contents: VersionContents,
    manifest: string,
    before: FoundArtifact | undefined,
    signal?: AbortSignal,
  ) =>
    inRun(client, { entity, project, jobType: 'register-model' }, async (run) => {
      const { name, version, files } = contents.manifest;
      await uploadArtifact(
        artifacts,
        {
          type: modelType,
          collection: name,
          run,
          metadata: before?.metadata ?? metadataOf(contents.manifest),
          aliases: [version],
          fresh: before !== undefined,
          files: [
            { path: manifestFile, sizeBytes: Buffer.byteLength(manifest), read: () => once(manifest) },
            ...files.map((file) => ({
              path: file.path,
              sizeBytes: file.sizeBytes,
              read: () => verifiedChunks(contents.read(file, 0, signal), file, name),
            })),
          ],
        },
        signal,
      );
    });

  const put: RemotePlace['put'] = async (contents, signal) => {
    const { name, version, files } = contents.manifest;
    if (linksOnly)
      throw refuse('`rookery models register --wandb entity/project` puts one into a project and links it');
    const before = await versionAt(name, version, signal);
    const damaged: string[] = [];
    if (before) for (const file of files) if (!(await isIntact(name, version, file, signal))) damaged.push(file.path);
    if (!before || damaged.length > 0) {
      const kept = before && (await readManifest(name, version));
      await upload(contents, kept ?? encodeManifest(contents.manifest), before, signal);
    }
    if (before && damaged.length > 0) {
      // Files of an artifact never change: another one takes its place.
      const aliases = before.aliases.filter((alias) => alias !== version && !isOfWandb(alias));
      if (aliases.length > 0) await artifacts.addAliases((await knownVersion(name, version)).id, name, aliases);
      await artifacts.delete(before.id);
    }
    for (const each of contents.signatures) await addSignature(name, version, each);
    return { created: !before, repaired: damaged };
  };

  const addSignature = async (name: string, version: string, signature: Signature): Promise<void> => {
    if (!(await hasOwnName(name, version))) throw refuse(`${name}@${version} is signed under its own name`);
    await change(await knownVersion(name, version), ({ signatures }) => ({
      signatures: [...signatures.filter(({ key }) => key !== signature.key), signature],
    }));
  };

  const readAlias = async (name: string, alias: string): Promise<HeldAlias | undefined> => {
    const found = await artifacts.find(name, alias);
    const record = found && recordAt(found, keyOf(alias));
    return found && record && { record, revision: revisionOf(found, record) };
  };

  return {
    location,
    names: () => artifacts.collections(modelType),
    async versions(name) {
      const found = await artifacts.list(name);
      const versions = found.flatMap((each) => {
        const version = rookeryOf(each)?.version;
        return version !== undefined && (linksOnly || each.aliases.includes(version)) ? [version] : [];
      });
      return [...new Set(versions)];
    },
    readManifest,
    readFile,
    put,
    async remove(name, version) {
      if (linksOnly) throw refuse('one is removed in its own project, or unlinked on its page');
      const found = await versionAt(name, version);
      if (found) await artifacts.delete(found.id);
    },
    async aliases(name) {
      const records = (await artifacts.list(name)).flatMap((each) =>
        each.aliases
          .filter((alias) => !isOfWandb(alias) && alias !== rookeryOf(each)?.version)
          .map((alias) => [alias, recordAt(each, keyOf(alias))] as const),
      );
      const known = records.filter((entry): entry is [string, AliasRecord] => entry[1] !== undefined);
      return Object.fromEntries(known.sort(([a], [b]) => (a < b ? -1 : 1)));
    },
    readAlias,
    async swapAlias(name, alias, record, revision) {
      const now = await artifacts.find(name, alias);
      const held = now && recordAt(now, keyOf(alias));
      if ((now && held && revisionOf(now, held)) !== revision) return false;
      const target = await knownVersion(name, record.version);
      // Before the alias names it: whoever sees the alias sees how it came to.
      await change(target, ({ aliases }) => ({ aliases: { ...aliases, [keyOf(alias)]: record } }));
      if (now?.id === target.id) return true;
      await artifacts.addAliases(target.id, name, [alias]);
      if (now) await forget(now, alias);
      return true;
    },
    async removeAlias(name, alias) {
      const now = await artifacts.find(name, alias);
      if (!now) return;
      await artifacts.deleteAliases(now.id, name, [alias]);
      await forget(now, alias);
    },
    async signatures(name, version) {
      const found = await versionAt(name, version);
      const signatures = found ? (rookeryOf(found)?.signatures ?? []) : [];
      return signatures.length === 0 || (await hasOwnName(name, version)) ? signatures : [];
    },
    addSignature,
    async recordUse(name, version) {
      const { run } = client.options;
      if (!run || used.has(`${name}@${version}`)) return;
      used.add(`${name}@${version}`);
      const found = await versionAt(name, version);
      if (found) await useArtifact(client, found.id, run);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** The project of an entity whose collections are its registered models. */
export const registryProject = 'model-registry';

/** A manifest with the name of the collection that links it. */
function calledAs(name: string, text: string): string {
  try {
    const manifest: unknown = JSON.parse(text);
    if (typeof manifest !== 'object' || manifest === null || !('name' in manifest) || manifest.name === name)
      return text;
    return JSON.stringify({ ...manifest, name });
  } catch {
    // Whoever reads it says so.
    return text;
  }
}

/** Aliases that W&B gives by itself. */
const isOfWandb = (alias: string): boolean => alias === 'latest' || /^v\d+$/.test(alias);

async function* once(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}
