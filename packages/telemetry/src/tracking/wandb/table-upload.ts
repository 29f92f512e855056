import { createHash } from 'node:crypto';
import { fileOf, mediaOf, type SpooledTable, sha256Of } from './spooled-table.ts';

/** Where the run lies. */
export interface TableOwner {
  readonly entity: string;
  readonly project: string;
  readonly run: string;
}

/** How the server is spoken to; each fails where it does not take what it is given. */
export interface TableServer {
  query(document: string, variables: object): Promise<unknown>;
  put(url: string, headers: Readonly<Record<string, string>>, body: Buffer): Promise<void>;
}

/** Uploads a table. May be repeated: nothing is seen of the artifact before it is committed, and one of the same contents is there once. */
export async function uploadTable(table: SpooledTable, owner: TableOwner, server: TableServer): Promise<void> {
  const bytes = Buffer.from(table.json);
  await uploadRunFile(server, owner, mediaOf(table), bytes);
  const files = new Map([[fileOf(table), bytes]]);
  for (const [path, base64] of Object.entries(table.pictures)) files.set(path, Buffer.from(base64, 'base64'));
  await uploadArtifact(server, owner, table, files);
}

async function uploadRunFile(server: TableServer, { entity, project, run }: TableOwner, path: string, bytes: Buffer) {
  const { createRunFiles } = (await server.query(
    `mutation CreateRunFiles($entity: String!, $project: String!, $run: String!, $files: [String!]!) {
      createRunFiles(input: {entityName: $entity, projectName: $project, runName: $run, files: $files}) {
        runID uploadHeaders files { name uploadUrl }
      }
    }`,
    { entity, project, run, files: [path] },
  )) as { createRunFiles: { uploadHeaders?: readonly string[]; files: readonly { uploadUrl: string }[] } };
  const { uploadHeaders, files } = createRunFiles;
  for (const { uploadUrl } of files) await server.put(uploadUrl, headersOf(uploadHeaders), bytes);
}

/** W&B's own name for the tables of a run. */
const collectionOf = ({ run }: TableOwner, name: string): string => `run-${run}-${name}`.replace(/[^\w.-]/g, '');

interface Entry {
  digest: string;
  size: number;
  birthArtifactID?: string;
}

interface Upload {
  readonly uploadUrl?: string | null;
  readonly uploadHeaders?: readonly string[] | null;
}

/** In the order of the official client: the artifact, its manifest's id, the files, the manifest, commit. */
async function uploadArtifact(
  server: TableServer,
  owner: TableOwner,
  { name, clientId }: SpooledTable,
  files: ReadonlyMap<string, Buffer>,
): Promise<void> {
  const contents: Record<string, Entry> = {};
  for (const [path, bytes] of files) contents[path] = { digest: md5Of(bytes), size: bytes.length };
  const artifact = await createArtifact(server, owner, collectionOf(owner, name), clientId, contents);
  if (artifact.state === 'COMMITTED') return;
  const { id: draft } = await createManifest(server, owner, { artifactID: artifact.id, digest: '', upload: false });
  const places = await createArtifactFiles(
    server,
    [...files.keys()].map((path) => ({
      artifactID: artifact.id,
      artifactManifestID: draft,
      name: path,
      md5: contents[path]?.digest,
    })),
  );
  for (const [path, bytes] of files) {
    const place = places.find((each) => each.name === path);
    if (!place) throw new Error('the server has no place for a file of a table');
    await put(server, place, bytes);
    (contents[path] as Entry).birthArtifactID = place.artifact.id;
  }
  const manifest = Buffer.from(
    JSON.stringify({
      version: 1,
      storagePolicy: 'wandb-storage-policy-v1',
      storagePolicyConfig: { storageLayout: 'V2' },
      contents,
    }),
  );
  const { file } = await createManifest(server, owner, {
    artifactID: artifact.id,
    digest: md5Of(manifest),
    upload: true,
  });
  await put(server, file ?? {}, manifest);
  await server.query(
    'mutation CommitArtifact($artifactID: ID!) { commitArtifact(input: { artifactID: $artifactID }) { artifact { id } } }',
    { artifactID: artifact.id },
  );
}

async function createArtifact(
  server: TableServer,
  { entity, project, run }: TableOwner,
  collection: string,
  clientId: string,
  contents: Readonly<Record<string, Entry>>,
): Promise<{ readonly id: string; readonly state: string }> {
  const input = {
    artifactTypeName: 'run_table',
    artifactCollectionName: collection,
    entityName: entity,
    projectName: project,
    runName: run,
    digest: digestOf(contents),
    digestAlgorithm: 'MANIFEST_MD5',
    metadata: '{}',
    aliases: [],
    clientID: clientId,
    sequenceClientID: sha256Of(`${entity}/${project}/${collection}`),
    enableDigestDeduplication: true,
  };
  const { createArtifact: made } = (await server.query(
    'mutation CreateArtifact($input: CreateArtifactInput!) { createArtifact(input: $input) { artifact { id state } } }',
    { input },
  )) as { createArtifact: { artifact: { id: string; state: string } } };
  return made.artifact;
}

async function createManifest(
  server: TableServer,
  { entity, project, run }: TableOwner,
  { artifactID, digest, upload }: { readonly artifactID: string; readonly digest: string; readonly upload: boolean },
): Promise<{ readonly id: string; readonly file?: Upload | null }> {
  const { createArtifactManifest } = (await server.query(
    `mutation CreateArtifactManifest($artifactID: ID!, $digest: String!, $entity: String!, $project: String!, $run: String!, $upload: Boolean!) {
      createArtifactManifest(input: {
        artifactID: $artifactID, name: "wandb_manifest.json", digest: $digest, type: FULL,
        entityName: $entity, projectName: $project, runName: $run
      }) { artifactManifest { id file { id @include(if: $upload) uploadUrl @include(if: $upload) uploadHeaders @include(if: $upload) } } }
    }`,
    { artifactID, digest, entity, project, run, upload },
  )) as { createArtifactManifest: { artifactManifest: { id: string; file?: Upload | null } } };
  return createArtifactManifest.artifactManifest;
}

/** Where files go. The artifact of a place is this one, or an earlier one that has the bytes. */
async function createArtifactFiles(
  server: TableServer,
  artifactFiles: readonly object[],
): Promise<readonly (Upload & { readonly name: string; readonly artifact: { readonly id: string } })[]> {
  const { createArtifactFiles: made } = (await server.query(
    `mutation CreateArtifactFiles($artifactFiles: [CreateArtifactFileSpecInput!]!) {
      createArtifactFiles(input: { artifactFiles: $artifactFiles, storageLayout: V2 }) {
        files { edges { node { id name uploadUrl uploadHeaders artifact { id } } } }
      }
    }`,
    { artifactFiles },
  )) as {
    createArtifactFiles: {
      files: { edges: readonly { node: Upload & { name: string; artifact: { id: string } } }[] };
    };
  };
  return made.files.edges.map(({ node }) => node);
}

/** Without an address the bytes are there already. */
async function put(server: TableServer, { uploadUrl, uploadHeaders }: Upload, bytes: Buffer): Promise<void> {
  if (uploadUrl) await server.put(uploadUrl, headersOf(uploadHeaders), bytes);
}

const headersOf = (lines: readonly string[] | null | undefined): Record<string, string> =>
  Object.fromEntries(
    (lines ?? []).map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );

/** What W&B knows an artifact by (`ArtifactManifestV1.digest` of the official client). */
function digestOf(contents: Readonly<Record<string, Entry>>): string {
  const hash = createHash('md5').update('wandb-artifact-manifest-v1\n');
  for (const path of Object.keys(contents).sort()) hash.update(`${path}:${contents[path]?.digest}\n`);
  return hash.digest('hex');
}

const md5Of = (bytes: Buffer): string => createHash('md5').update(bytes).digest('base64');
