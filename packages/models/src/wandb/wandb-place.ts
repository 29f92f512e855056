import { type AliasRecord, RookeryError } from '@rookery/contracts';
import { encodeManifest } from '../folder/receive-version.ts';
import { manifestFile } from '../folder/version-folder.ts';
import type { HeldAlias, RemotePlace } from '../remote/place.ts';
import type { Signature } from '../signing/signing.ts';
import { verifiedChunks } from '../version/verified-chunks.ts';
import type { VersionContents } from '../version/version-contents.ts';
import { Artifacts, type FoundArtifact } from './artifacts.ts';
import { inRun } from './in-run.ts';
import { metadataOf, type RookeryMetadata, recordAt, revisionOf, rookeryOf, withRookery } from './rookery-metadata.ts';
import { uploadArtifact } from './upload-artifact.ts';
import type { WandbClient } from './wandb-client.ts';
import { useArtifact } from './wandb-run.ts';
import { wandbVersions } from './wandb-versions.ts';

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
  const stored = wandbVersions(artifacts, { location, linksOnly });
  const refuse = (what: string): RookeryError =>
    new RookeryError('REFERENCE_INVALID', {
      detail: `${location} links versions of other projects: ${what}`,
    });

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
    const before = await stored.find(name, version, signal);
    const damaged: string[] = [];
    if (before)
      for (const file of files) if (!(await stored.isIntact(name, version, file, signal))) damaged.push(file.path);
    if (!before || damaged.length > 0) {
      const kept = before && (await stored.readManifest(name, version));
      await upload(contents, kept ?? encodeManifest(contents.manifest), before, signal);
    }
    if (before && damaged.length > 0) {
      // Files of an artifact never change: another one takes its place.
      const aliases = before.aliases.filter((alias) => alias !== version && !isOfWandb(alias));
      if (aliases.length > 0) await artifacts.addAliases((await stored.known(name, version)).id, name, aliases);
      await artifacts.delete(before.id);
    }
    for (const each of contents.signatures) await addSignature(name, version, each);
    return { created: !before, repaired: damaged };
  };

  const addSignature = async (name: string, version: string, signature: Signature): Promise<void> => {
    if (!(await stored.hasOwnName(name, version))) throw refuse(`${name}@${version} is signed under its own name`);
    await change(await stored.known(name, version), ({ signatures }) => ({
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
    readManifest: stored.readManifest,
    readFile: stored.readFile,
    put,
    async remove(name, version) {
      if (linksOnly) throw refuse('one is removed in its own project, or unlinked on its page');
      const found = await stored.find(name, version);
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
      const target = await stored.known(name, record.version);
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
      const found = await stored.find(name, version);
      const signatures = found ? (rookeryOf(found)?.signatures ?? []) : [];
      return signatures.length === 0 || (await stored.hasOwnName(name, version)) ? signatures : [];
    },
    addSignature,
    async recordUse(name, version) {
      const { run } = client.options;
      if (!run || used.has(`${name}@${version}`)) return;
      used.add(`${name}@${version}`);
      const found = await stored.find(name, version);
      if (found) await useArtifact(client, found.id, run);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** The project of an entity whose collections are its registered models. */
export const registryProject = 'model-registry';

/** Aliases that W&B gives by itself. */
const isOfWandb = (alias: string): boolean => alias === 'latest' || /^v\d+$/.test(alias);

async function* once(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}
