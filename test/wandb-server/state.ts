import { randomBytes } from 'node:crypto';

export interface RunState {
  readonly id: string;
  readonly entity: string;
  readonly project: string;
  readonly name: string;
  readonly createdAt: string;
  heartbeatAt: string;
  displayName: string;
  description: string | null;
  notes: string | null;
  config: string;
  summary: string;
  state: string;
  group: string | null;
  jobType: string | null;
  host: string | null;
  tags: readonly string[];
  /** By file name, such as `wandb-history.jsonl`: its lines at their offsets. */
  readonly streams: Map<string, string[]>;
  /** Every body that the file stream got, in order. */
  readonly posts: unknown[];
  complete: boolean;
  exitCode: number | null;
  /** By name: its key in the storage. */
  readonly files: Map<string, string>;
  readonly used: Set<string>;
}

export interface ArtifactState {
  readonly id: string;
  readonly entity: string;
  readonly project: string;
  readonly type: string;
  /** The sequence that it was made in. */
  readonly collection: string;
  readonly digest: string;
  readonly clientId: string | null;
  readonly createdAt: string;
  readonly createdBy: string | null;
  state: 'PENDING' | 'COMMITTED' | 'DELETED';
  description: string | null;
  /** JSON. */
  metadata: string;
  /** What it was asked to be called once it is committed. */
  wanted: readonly string[];
  manifest: { readonly id: string; readonly storageKey: string } | null;
}

/** An artifact as a member of a sequence (where it was made) or of a portfolio (where it was linked). */
export interface Membership {
  readonly id: string;
  readonly artifact: string;
  readonly versionIndex: number;
  readonly createdAt: string;
}

export interface CollectionState {
  readonly id: string;
  readonly entity: string;
  readonly project: string;
  readonly name: string;
  readonly type: string;
  readonly kind: 'ArtifactSequence' | 'ArtifactPortfolio';
  readonly createdAt: string;
  readonly members: Membership[];
  /** Which artifact an alias names. */
  readonly aliases: Map<string, string>;
  /** Never goes back, whatever is deleted. */
  nextVersion: number;
}

/** All that the server knows. */
export interface WandbState {
  readonly entity: string;
  readonly projects: Map<string, { readonly id: string; readonly createdAt: string }>;
  readonly runs: Map<string, RunState>;
  readonly artifacts: Map<string, ArtifactState>;
  readonly collections: Map<string, CollectionState>;
  /** Bytes by key. */
  readonly objects: Map<string, Buffer>;
  /** What a presigned address stands for. */
  readonly presigned: Map<string, { readonly key: string; readonly method: 'GET' | 'PUT' }>;
  /** Names of GraphQL operations, as they came. */
  readonly operations: string[];
}

export const createState = (entity: string): WandbState => ({
  entity,
  projects: new Map(),
  runs: new Map(),
  artifacts: new Map(),
  collections: new Map(),
  objects: new Map(),
  presigned: new Map(),
  operations: [],
});

/** Base64, as W&B's ids are: clients turn them into hexadecimal and back. */
export const newId = (kind: string): string =>
  Buffer.from(`${kind}:${randomBytes(9).toString('hex')}`).toString('base64');

export const now = (): string => new Date().toISOString().slice(0, 19);

export const pathOf = (...parts: readonly string[]): string => parts.join('/');

export function ensureProject(state: WandbState, entity: string, project: string): void {
  const path = pathOf(entity, project);
  if (!state.projects.has(path)) state.projects.set(path, { id: newId('Project'), createdAt: now() });
}

export function ensureCollection(
  state: WandbState,
  wanted: Pick<CollectionState, 'entity' | 'project' | 'name' | 'type' | 'kind'>,
): CollectionState {
  ensureProject(state, wanted.entity, wanted.project);
  const path = pathOf(wanted.entity, wanted.project, wanted.name);
  const found = state.collections.get(path);
  if (found) return found;
  const made: CollectionState = {
    ...wanted,
    id: newId('ArtifactCollection'),
    createdAt: now(),
    members: [],
    aliases: new Map(),
    nextVersion: 0,
  };
  state.collections.set(path, made);
  return made;
}

/** The member that `v3`, an alias or nothing (`latest`) means. */
export function memberOf(collection: CollectionState, alias = 'latest'): Membership | undefined {
  const index = /^v(\d+)$/.exec(alias)?.[1];
  if (index !== undefined) return collection.members.find(({ versionIndex }) => versionIndex === Number(index));
  const artifact = collection.aliases.get(alias);
  return collection.members.find((member) => member.artifact === artifact);
}

/** `collection:alias` of a project. */
export function findMember(state: WandbState, entity: string, project: string, name: string) {
  const [collectionName = '', alias] = name.split(':');
  const collection = state.collections.get(pathOf(entity, project, collectionName));
  const member = collection && memberOf(collection, alias);
  return collection && member ? { collection, member } : undefined;
}
