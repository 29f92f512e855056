import {
  type ArtifactState,
  type CollectionState,
  ensureCollection,
  newId,
  now,
  pathOf,
  type WandbState,
} from './state.ts';
import { presign } from './storage.ts';
import { artifactFileKey, connection, type Views } from './views.ts';

interface CreateArtifactInput {
  readonly entityName: string;
  readonly projectName: string;
  readonly runName?: string | null;
  readonly artifactTypeName: string;
  readonly artifactCollectionName?: string | null;
  readonly artifactCollectionNames?: readonly string[] | null;
  readonly digest: string;
  readonly description?: string | null;
  readonly metadata?: string | null;
  readonly aliases?: readonly { readonly alias: string }[] | null;
  readonly enableDigestDeduplication?: boolean | null;
  readonly clientID?: string | null;
}

interface CollectionAlias {
  readonly alias: string;
  readonly artifactCollectionName: string;
  readonly entityName?: string;
  readonly projectName?: string;
}

export function artifactMutations(state: WandbState, base: string, views: Views) {
  const known = (id: string): ArtifactState => {
    const found = state.artifacts.get(id) ?? [...state.artifacts.values()].find(({ clientId }) => clientId === id);
    if (!found || found.state === 'DELETED') throw new Error(`artifact ${id} not found`);
    return found;
  };
  const home = (one: ArtifactState): CollectionState =>
    state.collections.get(pathOf(one.entity, one.project, one.collection)) as CollectionState;
  const runOf = (entity: string, project: string, name: string | null | undefined) =>
    state.runs.get(pathOf(entity, project, name ?? ''));

  const name = (collection: CollectionState, id: string, aliases: readonly string[]): void => {
    for (const alias of aliases) {
      if (/^v\d+$/.test(alias) || alias.length > 128) throw new Error(`invalid alias ${alias}`);
      collection.aliases.set(alias, id);
    }
  };
  const upload = (id: string | undefined, key: string) => ({
    id,
    uploadUrl: presign(state, base, 'PUT', key),
    uploadHeaders: [],
  });

  return {
    createArtifact({ input }: { input: CreateArtifactInput }) {
      const { entityName: entity, projectName: project, digest } = input;
      const collectionName = input.artifactCollectionName ?? input.artifactCollectionNames?.[0];
      if (!collectionName) throw new Error('no artifact collection');
      const place = { entity, project, name: collectionName, type: input.artifactTypeName };
      const collection = ensureCollection(state, { ...place, kind: 'ArtifactSequence' });
      if (collection.type !== input.artifactTypeName) throw new Error(`${collectionName} holds ${collection.type}`);
      const wanted = (input.aliases ?? []).map(({ alias }) => alias);
      const same = input.enableDigestDeduplication
        ? collection.members.map((member) => known(member.artifact)).find((one) => one.digest === digest)
        : undefined;
      if (same) {
        name(collection, same.id, wanted);
        return { artifact: views.artifact(same.id) };
      }
      const one: ArtifactState = {
        id: newId('Artifact'),
        entity,
        project,
        type: input.artifactTypeName,
        collection: collectionName,
        digest,
        clientId: input.clientID ?? null,
        createdAt: now(),
        createdBy: runOf(entity, project, input.runName)?.id ?? null,
        state: 'PENDING',
        description: input.description ?? null,
        metadata: input.metadata ?? '{}',
        wanted,
        manifest: null,
      };
      state.artifacts.set(one.id, one);
      return { artifact: views.artifact(one.id) };
    },
    createArtifactManifest({ input }: { input: { artifactID: string } }) {
      const one = known(input.artifactID);
      const id = newId('ArtifactManifest');
      one.manifest = { id, storageKey: `manifests/${id}` };
      return { artifactManifest: { id, file: upload(id, one.manifest.storageKey) } };
    },
    updateArtifactManifest({ input }: { input: { artifactManifestID: string } }) {
      const id = input.artifactManifestID;
      return { artifactManifest: { id, file: upload(id, `manifests/${id}`) } };
    },
    createArtifactFiles({ input }: { input: { artifactFiles: { artifactID: string; name: string; md5: string }[] } }) {
      const files = input.artifactFiles.map(({ artifactID, name: path, md5 }) => {
        const key = artifactFileKey(artifactID, md5);
        const { id: _, uploadUrl } = upload(undefined, key);
        return {
          id: `${artifactID}/${path}`,
          name: path,
          storagePath: key,
          uploadUrl: state.objects.has(key) ? null : uploadUrl,
          uploadHeaders: [`Content-MD5:${md5}`],
          uploadMultipartUrls: null,
          artifact: { id: artifactID },
        };
      });
      return { files: connection(files, { first: files.length }) };
    },
    completeMultipartUploadArtifact: () => {
      throw new Error('multipart uploads are not offered');
    },
    commitArtifact({ input }: { input: { artifactID: string } }) {
      const one = known(input.artifactID);
      if (one.state === 'PENDING') {
        if (!one.manifest || !state.objects.has(one.manifest.storageKey)) throw new Error('the manifest is missing');
        one.state = 'COMMITTED';
        const collection = home(one);
        const member = {
          id: newId('Membership'),
          artifact: one.id,
          versionIndex: collection.nextVersion++,
          createdAt: now(),
        };
        collection.members.push(member);
        name(collection, one.id, ['latest', ...one.wanted.filter((alias) => alias !== 'latest')]);
      }
      return { artifact: views.artifact(one.id) };
    },
    updateArtifact({
      input,
    }: {
      input: { artifactID: string; metadata?: string; description?: string; aliases?: CollectionAlias[] };
    }) {
      const one = known(input.artifactID);
      if (typeof input.metadata === 'string') one.metadata = input.metadata;
      if (typeof input.description === 'string') one.description = input.description;
      if (input.aliases) {
        // All aliases of its own collection, as the official client sends them.
        const collection = home(one);
        for (const [alias, named] of collection.aliases) if (named === one.id) collection.aliases.delete(alias);
        name(
          collection,
          one.id,
          input.aliases.map(({ alias }) => alias),
        );
      }
      return { artifact: views.artifact(one.id) };
    },
    deleteArtifact({ input }: { input: { artifactID: string; deleteAliases?: boolean } }) {
      const one = known(input.artifactID);
      for (const collection of state.collections.values()) {
        const named = [...collection.aliases].filter(([alias, id]) => id === one.id && alias !== 'latest');
        if (named.length > 0 && !input.deleteAliases) throw new Error('cannot delete an artifact that has aliases');
      }
      for (const collection of state.collections.values()) {
        for (const [alias, id] of collection.aliases) if (id === one.id) collection.aliases.delete(alias);
        const index = collection.members.findIndex((member) => member.artifact === one.id);
        if (index >= 0) collection.members.splice(index, 1);
        const last = collection.members.at(-1);
        if (last && !collection.aliases.has('latest')) collection.aliases.set('latest', last.artifact);
      }
      one.state = 'DELETED';
      return { artifact: views.artifact(one.id) };
    },
    addAliases({ input }: { input: { artifactID: string; aliases: CollectionAlias[] } }) {
      for (const each of input.aliases) name(collectionOf(state, each), known(input.artifactID).id, [each.alias]);
      return { success: true };
    },
    deleteAliases({ input }: { input: { artifactID: string; aliases: CollectionAlias[] } }) {
      for (const each of input.aliases) {
        const collection = collectionOf(state, each);
        if (collection.aliases.get(each.alias) === input.artifactID) collection.aliases.delete(each.alias);
      }
      return { success: true };
    },
    linkArtifact({ input }: { input: LinkInput }) {
      const one = known(input.artifactID ?? input.clientID ?? '');
      const portfolio = ensureCollection(state, {
        entity: input.entityName ?? one.entity,
        project: input.projectName ?? one.project,
        name: input.artifactPortfolioName,
        type: one.type,
        kind: 'ArtifactPortfolio',
      });
      let member = portfolio.members.find(({ artifact }) => artifact === one.id);
      if (!member) {
        member = { id: newId('Membership'), artifact: one.id, versionIndex: portfolio.nextVersion++, createdAt: now() };
        portfolio.members.push(member);
      }
      name(portfolio, one.id, ['latest', ...(input.aliases ?? []).map(({ alias }) => alias)]);
      return { versionIndex: member.versionIndex, artifactMembership: views.membership(portfolio, member) };
    },
    unlinkArtifact: () => ({ success: true }),
    useArtifact({
      input,
    }: {
      input: { artifactID: string; entityName: string; projectName: string; runName: string };
    }) {
      const one = known(input.artifactID);
      const run = runOf(input.entityName, input.projectName, input.runName);
      if (!run) throw new Error('run not found');
      run.used.add(one.id);
      return { artifact: views.artifact(one.id) };
    },
  };
}

interface LinkInput {
  readonly artifactPortfolioName: string;
  readonly entityName?: string | null;
  readonly projectName?: string | null;
  readonly artifactID?: string | null;
  readonly clientID?: string | null;
  readonly aliases?: readonly { readonly alias: string }[] | null;
}

function collectionOf(
  state: WandbState,
  { entityName, projectName, artifactCollectionName }: CollectionAlias,
): CollectionState {
  const found = state.collections.get(pathOf(entityName ?? state.entity, projectName ?? '', artifactCollectionName));
  if (!found) throw new Error(`no collection ${artifactCollectionName}`);
  return found;
}
