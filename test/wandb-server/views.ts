import {
  type ArtifactState,
  type CollectionState,
  findMember,
  type Membership,
  memberOf,
  pathOf,
  type RunState,
  type WandbState,
} from './state.ts';
import { presign } from './storage.ts';

type View = Record<string, unknown>;

interface Page {
  readonly after?: string | null;
  readonly first?: number | null;
}

/** A page of a list: cursors are positions. */
export function connection<T extends View>(
  nodes: readonly T[],
  { after, first }: Page = {},
  extra?: (node: T) => View,
) {
  const start = after ? Number(after) : 0;
  const end = Math.min(start + (first ?? 50), nodes.length);
  return {
    totalCount: nodes.length,
    pageInfo: { __typename: 'PageInfo', endCursor: String(end), hasNextPage: end < nodes.length },
    edges: nodes
      .slice(start, end)
      .map((node, index) => ({ node, cursor: String(start + index + 1), ...extra?.(node) })),
  };
}

export interface ManifestEntry {
  readonly digest: string;
  readonly size?: number;
  readonly birthArtifactID?: string;
}

export type Views = ReturnType<typeof createViews>;

/** State as GraphQL sees it. */
export function createViews(state: WandbState, base: string) {
  const organization = () => ({
    id: 'org',
    name: 'rookery-org',
    orgEntity: { id: 'org', name: 'rookery-org' },
    featureFlags: [],
  });
  const user = () => ({
    __typename: 'User',
    id: 'VXNlcjox',
    name: 'A Tester',
    username: state.entity,
    email: 'tester@example.com',
    admin: false,
    flags: '{}',
    entity: state.entity,
    teams: { edges: [{ node: { id: 'team', name: state.entity } }] },
    organizations: [organization()],
    apiKeys: { edges: [] },
  });
  const entity = (name: string) => ({
    id: `entity-${name}`,
    name,
    isTeam: true,
    xxhashDigestsEnabled: false,
    organization: organization(),
    user: user(),
  });

  const project = (owner: string, name: string): View | null => {
    const found = state.projects.get(pathOf(owner, name));
    if (!found) return null;
    const collections = () =>
      [...state.collections.values()].filter((each) => each.entity === owner && each.project === name);
    const typeView = (type: string): View => ({
      id: `type-${type}`,
      name: type,
      createdAt: found.createdAt,
      artifact: (args: { name: string }) => artifactNamed(args.name),
      artifactCollection: (args: { name: string }) => {
        const each = state.collections.get(pathOf(owner, name, args.name));
        return each?.type === type ? collection(each) : null;
      },
      artifactCollections: (page: Page) =>
        connection(
          collections()
            .filter((each) => each.type === type)
            .map(collection),
          page,
        ),
    });
    const artifactNamed = (text: string) => {
      const member = findMember(state, owner, name, text)?.member;
      return member ? artifact(member.artifact) : null;
    };
    const run = (args: { name?: string | null; missingOk?: boolean }) => {
      const one = state.runs.get(pathOf(owner, name, args.name ?? ''));
      return one ? runView(one) : null;
    };
    const runs = ({ filters }: { filters?: string | null } = {}) =>
      [...state.runs.values()].filter(
        (each) => each.entity === owner && each.project === name && fits(each, JSON.parse(filters || '{}')),
      );
    return {
      id: found.id,
      internalId: String([...state.projects.keys()].indexOf(pathOf(owner, name)) + 1),
      name,
      entity: entity(owner),
      entityName: owner,
      createdAt: found.createdAt,
      isBenchmark: false,
      readOnly: false,
      user: user(),
      run,
      bucket: run,
      runs: (page: Page & { filters?: string | null }) => connection(runs(page).map(runView), page),
      runCount: (which: { filters?: string | null }) => runs(which).length,
      artifact: (args: { name: string }) => artifactNamed(args.name),
      artifactType: (args: { name: string }) =>
        collections().some(({ type }) => type === args.name) ? typeView(args.name) : null,
      artifactTypes: (page: Page) =>
        connection([...new Set(collections().map(({ type }) => type))].map(typeView), page),
      artifactCollection: (args: { name: string }) => {
        const each = state.collections.get(pathOf(owner, name, args.name));
        return each ? collection(each) : null;
      },
      artifactCollections: (page: Page) => connection(collections().map(collection), page),
      artifactCollectionMembership: (args: { name: string }) => {
        const member = findMember(state, owner, name, args.name);
        return member ? membership(member.collection, member.member) : null;
      },
    };
  };

  const runView = (run: RunState): View => {
    const history = () => run.streams.get('wandb-history.jsonl') ?? [];
    const made = () => [...state.artifacts.values()].filter(({ createdBy }) => createdBy === run.id);
    return {
      ...run,
      __typename: 'Run',
      summaryMetrics: run.summary,
      systemMetrics: '{}',
      groupName: run.group,
      readOnly: false,
      updatedAt: run.heartbeatAt,
      commit: null,
      sweepName: null,
      projectId: 1,
      stopped: false,
      user: user(),
      project: () => project(run.entity, run.project),
      historyLineCount: () => history().length,
      logLineCount: () => run.streams.get('output.log')?.length ?? 0,
      eventsLineCount: () => run.streams.get('wandb-events.jsonl')?.length ?? 0,
      historyTail: () => JSON.stringify(history().slice(-1)),
      eventsTail: '[]',
      wandbConfig: '{"t":{}}',
      historyKeys: () => historyKeys(history()),
      history: ({ minStep = 0, maxStep = Number.MAX_SAFE_INTEGER }: { minStep?: number; maxStep?: number }) =>
        history().filter((line, index) => {
          const step = (JSON.parse(line) as { _step?: number })._step ?? index;
          return step >= minStep && step < maxStep;
        }),
      // Exports of a history are made in time; what has none yet is live.
      parquetHistory: () => ({ parquetUrls: [], liveData: history().map((line) => JSON.parse(line)) }),
      sampledHistory: ({ specs }: { specs: string[] }) => specs.map(() => history().map((line) => JSON.parse(line))),
      events: () => [],
      fileCount: run.files.size,
      files: ({ names, pattern, ...page }: Page & { names?: string[] | null; pattern?: string | null }) => ({
        ...connection(
          [...(names?.length ? names : run.files.keys())]
            .filter((name) => !pattern || likeOf(pattern).test(name))
            .map((name) => runFile(run, name)),
          page,
        ),
        uploadHeaders: [],
      }),
      outputArtifacts: (page: Page) =>
        connection(
          made().map(({ id }) => artifact(id) as View),
          page,
        ),
      inputArtifacts: (page: Page) =>
        connection(
          [...run.used].map((id) => artifact(id) as View),
          page,
        ),
    };
  };

  const runFile = (run: RunState, name: string): View => {
    const key = `runs/${run.id}/${name}`;
    return {
      id: key,
      name,
      displayName: name,
      updatedAt: run.heartbeatAt,
      sizeBytes: state.objects.get(key)?.length ?? 0,
      url: ({ upload }: { upload?: boolean }) => {
        if (upload) run.files.set(name, key);
        return presign(state, base, upload ? 'PUT' : 'GET', key);
      },
      directUrl: () => presign(state, base, 'GET', key),
    };
  };

  const collection = (each: CollectionState): View => ({
    __typename: each.kind,
    id: each.id,
    name: each.name,
    description: null,
    createdAt: each.createdAt,
    updatedAt: each.createdAt,
    digestAlgorithm: 'MANIFEST_MD5',
    project: () => project(each.entity, each.project),
    defaultArtifactType: () => ({ id: `type-${each.type}`, name: each.type, createdAt: each.createdAt }),
    tags: { edges: [] },
    aliases: (page: Page) =>
      connection(
        [...each.aliases.keys()].map((alias) => aliasView(each, alias)),
        page,
      ),
    // Newest first, as W&B lists them.
    artifacts: (page: Page) =>
      connection(
        [...each.members].reverse().map(({ artifact: id }) => artifact(id) as View),
        page,
        (node) => ({
          version: `v${each.members.find((member) => member.artifact === node.id)?.versionIndex}`,
        }),
      ),
    artifactMembership: ({ aliasName }: { aliasName: string }) => {
      const member = memberOf(each, aliasName);
      return member ? membership(each, member) : null;
    },
    artifactMemberships: (page: Page) =>
      connection(
        each.members.map((member) => membership(each, member)),
        page,
      ),
    latestArtifact: () => {
      const last = each.members.at(-1);
      return last ? artifact(last.artifact) : null;
    },
  });

  const aliasView = (each: CollectionState, alias: string): View => ({
    __typename: 'ArtifactAlias',
    id: `${each.id}-${alias}`,
    alias,
    artifactCollection: () => collection(each),
  });

  const aliasesOf = (each: CollectionState, id: string): View[] =>
    [...each.aliases].filter(([, named]) => named === id).map(([alias]) => aliasView(each, alias));

  const membership = (each: CollectionState, member: Membership): View => ({
    id: member.id,
    versionIndex: member.versionIndex,
    createdAt: member.createdAt,
    aliases: () => aliasesOf(each, member.artifact),
    artifactCollection: () => collection(each),
    artifact: () => artifact(member.artifact),
    files: (page: Page & { names?: string[] | null }) => filesOf(member.artifact, page),
  });

  const filesOf = (id: string, { names, ...page }: Page & { names?: string[] | null }) => {
    const one = state.artifacts.get(id) as ArtifactState;
    const entries = Object.entries(entriesOf(one)).filter(([name]) => !names || names.includes(name));
    return connection(
      entries.map(([name, entry]) => fileView(one, name, entry)),
      page,
    );
  };

  const entriesOf = (one: ArtifactState): Record<string, ManifestEntry> => {
    const bytes = one.manifest && state.objects.get(one.manifest.storageKey);
    return bytes ? (JSON.parse(bytes.toString()) as { contents: Record<string, ManifestEntry> }).contents : {};
  };

  const fileView = (one: ArtifactState, name: string, { digest, size, birthArtifactID }: ManifestEntry): View => {
    const key = artifactFileKey(birthArtifactID || one.id, digest);
    return {
      __typename: 'File',
      id: `${one.id}/${name}`,
      name,
      displayName: name,
      sizeBytes: size ?? 0,
      digest,
      md5: digest,
      storagePath: key,
      mimetype: 'application/octet-stream',
      updatedAt: one.createdAt,
      url: () => presign(state, base, 'GET', key),
      directUrl: () => presign(state, base, 'GET', key),
    };
  };

  const membershipsOf = (id: string) =>
    [...state.collections.values()].flatMap((each) =>
      each.members.filter((member) => member.artifact === id).map((member) => ({ each, member })),
    );

  const artifact = (id: string): View | null => {
    const one = state.artifacts.get(id);
    if (!one) return null;
    const home = () => state.collections.get(pathOf(one.entity, one.project, one.collection)) as CollectionState;
    const run = [...state.runs.values()].find((each) => each.id === one.createdBy);
    return {
      ...one,
      __typename: 'Artifact',
      digestAlgorithm: 'MANIFEST_MD5',
      size: () => Object.values(entriesOf(one)).reduce((sum, { size }) => sum + (size ?? 0), 0),
      fileCount: () => Object.keys(entriesOf(one)).length,
      versionIndex: () => home().members.find((member) => member.artifact === id)?.versionIndex ?? null,
      commitHash: id.slice(-8),
      updatedAt: one.createdAt,
      historyStep: null,
      ttlDurationSeconds: -2,
      ttlIsInherited: true,
      tags: [],
      aliases: () => membershipsOf(id).flatMap(({ each }) => aliasesOf(each, id)),
      artifactType: { id: `type-${one.type}`, name: one.type, createdAt: one.createdAt },
      artifactSequence: () => collection(home()),
      artifactCollections: () => connection(membershipsOf(id).map(({ each }) => collection(each))),
      artifactMemberships: () => connection(membershipsOf(id).map(({ each, member }) => membership(each, member))),
      currentManifest: () =>
        one.manifest && {
          id: one.manifest.id,
          file: { id: one.manifest.id, directUrl: presign(state, base, 'GET', one.manifest.storageKey) },
        },
      createdBy: () => (run ? runView(run) : null),
      usedBy: () => connection([...state.runs.values()].filter(({ used }) => used.has(id)).map(runView)),
      files: (page: Page & { names?: string[] | null }) => filesOf(id, page),
      filesByManifestEntries: ({ entries }: { entries: (ManifestEntry & { name: string })[] }) =>
        connection(
          entries.map((entry) => fileView(one, entry.name, entry)),
          { first: entries.length },
        ),
    };
  };

  const collectionById = (id: string) => {
    const found = [...state.collections.values()].find((each) => each.id === id);
    return found ? collection(found) : null;
  };
  return { user, entity, organization, project, run: runView, artifact, collectionById, membership };
}

/** A pattern of SQL's `LIKE`. */
const likeOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll('%', '.*')
      .replaceAll('_', '.')}$`,
  );

/** Of the language of filters, what is asked for here: equal values, and all of several. */
function fits(run: RunState, filters: Readonly<Record<string, unknown>>): boolean {
  const values: Readonly<Record<string, unknown>> = { ...run, display_name: run.displayName };
  return Object.entries(filters).every(([name, wanted]) => {
    if (name === '$and') return (wanted as (typeof filters)[]).every((each) => fits(run, each));
    if (!(name in values) || typeof wanted === 'object') throw new Error(`no filter ${name} here`);
    return values[name] === wanted;
  });
}

/** Where the bytes of an artifact's file lie: by the artifact that brought them and their MD5. */
export const artifactFileKey = (birthArtifactId: string, md5: string): string => `artifacts/${birthArtifactId}/${md5}`;

function historyKeys(lines: readonly string[]) {
  const keys: Record<string, unknown> = {};
  for (const line of lines)
    for (const key of Object.keys(JSON.parse(line) as object))
      keys[key] = { typeCounts: [{ type: 'number', count: lines.length }], monotonic: false };
  return { sets: [], keys, lastStep: lines.length - 1 };
}
