import { RookeryError } from '@rookery/contracts';
import * as z from 'zod';
import {
  type Collection,
  CollectionsAnswer,
  type CollectionsPage,
  Files,
  ListAnswer,
  type ListPage,
  metadataOf,
  Node,
  Success,
} from './artifact-answers.ts';
import { ArtifactManifest } from './artifact-manifest.ts';
import type { WandbClient } from './wandb-client.ts';

/** An artifact as it was found in a collection. */
export interface FoundArtifact {
  readonly id: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Those of the collection that it was found in. */
  readonly aliases: readonly string[];
  readonly versionIndex: number | null;
  readonly type: string;
}

const fields =
  'id state metadata versionIndex artifactType { name } aliases { alias artifactCollection { name project { name entity { name } } } }';
/** Artifacts of one project of Weights & Biases, by the operations of its official client. */
export class Artifacts {
  constructor(
    readonly client: WandbClient,
    readonly entity: string,
    readonly project: string,
  ) {}

  /** `collection:alias`, `collection:v3`. */
  async find(collection: string, alias: string, signal?: AbortSignal): Promise<FoundArtifact | undefined> {
    const answer = await this.#orNothing(
      `query ArtifactByName($entity: String!, $project: String!, $name: String!) {
        project(name: $project, entityName: $entity) { artifact(name: $name) { ${fields} } }
      }`,
      { name: `${collection}:${alias}` },
      z.object({ project: z.object({ artifact: Node.nullish() }).nullish() }),
      signal,
    );
    const node = answer?.project?.artifact;
    return node?.state === 'COMMITTED' ? this.#foundIn(collection, node) : undefined;
  }

  /** Every collection of a type. */
  async collections(type: string): Promise<string[]> {
    const names: string[] = [];
    for (let after: string | null = null; ; ) {
      const answer: CollectionsAnswer | undefined = await this.#orNothing(
        `query ProjectArtifactCollections($entity: String!, $project: String!, $type: String!, $after: String) {
          project(name: $project, entityName: $entity) { artifactType(name: $type) { artifactCollections(first: 100, after: $after) {
            pageInfo { endCursor hasNextPage } edges { node { name } }
          } } }
        }`,
        { type, after },
        CollectionsAnswer,
      );
      const page: CollectionsPage | undefined = answer?.project?.artifactType?.artifactCollections;
      names.push(...(page?.edges ?? []).map(({ node }) => node.name));
      if (!page?.pageInfo.hasNextPage) return names;
      after = page.pageInfo.endCursor ?? null;
    }
  }

  /** All that a collection holds, newest first. */
  async list(collection: string): Promise<FoundArtifact[]> {
    const found: FoundArtifact[] = [];
    for (let after: string | null = null; ; ) {
      const answer: ListAnswer | undefined = await this.#orNothing(
        `query ArtifactCollectionArtifacts($entity: String!, $project: String!, $collection: String!, $after: String) {
          project(name: $project, entityName: $entity) { artifactCollection(name: $collection) { artifacts(first: 100, after: $after) {
            pageInfo { endCursor hasNextPage } edges { node { ${fields} } }
          } } }
        }`,
        { collection, after },
        ListAnswer,
      );
      const page: ListPage | undefined = answer?.project?.artifactCollection?.artifacts;
      for (const { node } of page?.edges ?? [])
        if (node?.state === 'COMMITTED') found.push(this.#foundIn(collection, node));
      if (!page?.pageInfo.hasNextPage) return found;
      after = page.pageInfo.endCursor ?? null;
    }
  }

  /** A presigned address of one of its files; `undefined` where it has no such file. */
  async fileAddress(id: string, path: string, signal?: AbortSignal): Promise<string | undefined> {
    const { artifact } = await this.client.query(
      `query ArtifactFileURLs($id: ID!, $names: [String]) {
        artifact(id: $id) { files(names: $names, first: 1) { edges { node { name directUrl } } } }
      }`,
      { id, names: [path] },
      z.object({ artifact: z.object({ files: Files }).nullish() }),
      signal,
    );
    return artifact?.files.edges.find(({ node }) => node.name === path)?.node.directUrl;
  }

  /** What files it has, by path, with their MD5. */
  async manifest(id: string, signal?: AbortSignal): Promise<z.infer<typeof ArtifactManifest>> {
    const { artifact } = await this.client.query(
      'query ArtifactManifest($id: ID!) { artifact(id: $id) { currentManifest { file { directUrl } } } }',
      { id },
      z.object({
        artifact: z
          .object({ currentManifest: z.object({ file: z.object({ directUrl: z.string() }) }).nullish() })
          .nullish(),
      }),
      signal,
    );
    const address = artifact?.currentManifest?.file.directUrl;
    if (!address) throw new RookeryError('OBJECT_NOT_FOUND', { detail: `artifact ${id} has no manifest` });
    const response = await this.client.send(address, { method: 'GET', presigned: true }, signal);
    return ArtifactManifest.parse(await response.json());
  }

  async setMetadata(id: string, metadata: object): Promise<void> {
    await this.client.query(
      `mutation UpdateArtifact($artifactID: ID!, $metadata: JSONString) {
        updateArtifact(input: { artifactID: $artifactID, metadata: $metadata }) { artifact { id } }
      }`,
      { artifactID: id, metadata: JSON.stringify(metadata) },
      z.object({ updateArtifact: z.unknown() }),
    );
  }

  async addAliases(id: string, collection: string, aliases: readonly string[]): Promise<void> {
    await this.client.query(
      `mutation AddAliases($artifactID: ID!, $aliases: [ArtifactCollectionAliasInput!]!) {
        addAliases(input: { artifactID: $artifactID, aliases: $aliases }) { success }
      }`,
      { artifactID: id, aliases: this.#aliasesIn(collection, aliases) },
      Success,
    );
  }

  async deleteAliases(id: string, collection: string, aliases: readonly string[]): Promise<void> {
    await this.client.query(
      `mutation DeleteAliases($artifactID: ID!, $aliases: [ArtifactCollectionAliasInput!]!) {
        deleteAliases(input: { artifactID: $artifactID, aliases: $aliases }) { success }
      }`,
      { artifactID: id, aliases: this.#aliasesIn(collection, aliases) },
      Success,
    );
  }

  async delete(id: string): Promise<void> {
    await this.client.query(
      `mutation DeleteArtifact($artifactID: ID!) {
        deleteArtifact(input: { artifactID: $artifactID, deleteAliases: true }) { artifact { id } }
      }`,
      { artifactID: id },
      z.object({ deleteArtifact: z.unknown() }),
    );
  }

  #aliasesIn = (collection: string, aliases: readonly string[]) =>
    aliases.map((alias) => ({
      entityName: this.entity,
      projectName: this.project,
      artifactCollectionName: collection,
      alias,
    }));

  /** An artifact that is linked elsewhere has aliases there too, in a collection that may have the same name. */
  #foundIn(collection: string, node: z.infer<typeof Node>): FoundArtifact {
    const isHere = ({ name, project }: z.infer<typeof Collection>): boolean =>
      name === collection &&
      (project?.name ?? this.project) === this.project &&
      (project?.entity?.name ?? this.entity) === this.entity;
    return {
      id: node.id,
      metadata: metadataOf(node.metadata),
      versionIndex: node.versionIndex ?? null,
      type: node.artifactType?.name ?? '',
      aliases: node.aliases.flatMap((each) =>
        each && (!each.artifactCollection || isHere(each.artifactCollection)) ? [each.alias] : [],
      ),
    };
  }

  /** A project that is not there is empty. */
  async #orNothing<T>(document: string, variables: object, schema: z.ZodType<T>, signal?: AbortSignal) {
    const { entity, project } = this;
    try {
      return await this.client.query(document, { entity, project, ...variables }, schema, signal);
    } catch (error) {
      if (error instanceof RookeryError && error.code === 'OBJECT_NOT_FOUND') return undefined;
      throw error;
    }
  }
}
