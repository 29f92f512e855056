import { createHash, randomBytes } from 'node:crypto';
import { RookeryError } from '@rookery/contracts';
import * as z from 'zod';
import { type ArtifactEntry, digestOfArtifact, encodeArtifactManifest } from './artifact-manifest.ts';
import type { Artifacts } from './artifacts.ts';
import type { WandbClient } from './wandb-client.ts';

/** A file to be uploaded. It is read twice: for its digest, and for its bytes. */
export interface ArtifactFile {
  readonly path: string;
  readonly sizeBytes: number;
  read(): AsyncIterable<Uint8Array>;
}

export interface NewArtifact {
  readonly type: string;
  readonly collection: string;
  readonly files: readonly ArtifactFile[];
  readonly metadata: object;
  readonly description?: string | undefined;
  readonly aliases: readonly string[];
  /** The run that makes it. */
  readonly run: string;
  /** Even where one of the same contents is there. */
  readonly fresh?: boolean;
}

/** What one presigned PUT takes at S3. */
const maxFileBytes = 5 * 2 ** 30;

/**
 * Makes an artifact: nothing of it is visible before it is committed. In the order of the official client: the artifact, its manifest's id,
 * the files, the manifest, commit.
 */
export async function uploadArtifact(artifacts: Artifacts, wanted: NewArtifact, signal?: AbortSignal): Promise<string> {
  const { client, entity, project } = artifacts;
  const contents: Record<string, ArtifactEntry> = {};
  for (const file of wanted.files) {
    if (file.sizeBytes > maxFileBytes)
      throw new RookeryError('OBJECT_TOO_LARGE', { detail: `${file.path}: a file of an artifact has at most 5 GiB` });
    contents[file.path] = { digest: await md5Of(file), size: file.sizeBytes };
  }
  const { id, committed } = await create(artifacts, wanted, digestOfArtifact(contents), signal);
  if (committed) return id;
  const owner = { entityName: entity, projectName: project, runName: wanted.run };
  const draft = await createManifest(client, { ...owner, artifactID: id, digest: '', includeUpload: false }, signal);
  for (const file of wanted.files) {
    const entry = contents[file.path] as ArtifactEntry;
    const spec = { artifactID: id, artifactManifestID: draft.id, name: file.path, md5: entry.digest };
    entry.birthArtifactID = await uploadFile(client, spec, file, signal);
  }
  const text = encodeArtifactManifest(contents);
  const digest = createHash('md5').update(text).digest('base64');
  const manifest = await createManifest(client, { ...owner, artifactID: id, digest, includeUpload: true }, signal);
  if (!manifest.file?.uploadUrl) throw new RookeryError('STORE_UNAVAILABLE', { detail: 'no address for the manifest' });
  await put(client, manifest.file, { sizeBytes: Buffer.byteLength(text), body: () => text }, signal);
  await client.query(
    'mutation CommitArtifact($artifactID: ID!) { commitArtifact(input: { artifactID: $artifactID }) { artifact { id } } }',
    { artifactID: id },
    z.object({ commitArtifact: z.object({ artifact: z.object({ id: z.string() }) }) }),
    signal,
  );
  return id;
}

async function create(
  { client, entity, project }: Artifacts,
  { type, collection, run, description, metadata, aliases, fresh }: NewArtifact,
  digest: string,
  signal?: AbortSignal,
): Promise<{ id: string; committed: boolean }> {
  const input = {
    artifactTypeName: type,
    artifactCollectionName: collection,
    entityName: entity,
    projectName: project,
    runName: run,
    description,
    digest,
    digestAlgorithm: 'MANIFEST_MD5',
    metadata: JSON.stringify(metadata),
    aliases: aliases.map((alias) => ({ artifactCollectionName: collection, alias })),
    clientID: randomBytes(32).toString('hex'),
    sequenceClientID: randomBytes(32).toString('hex'),
    enableDigestDeduplication: fresh !== true,
  };
  const { createArtifact } = await client.query(
    'mutation CreateArtifact($input: CreateArtifactInput!) { createArtifact(input: $input) { artifact { id state } } }',
    { input },
    z.object({ createArtifact: z.object({ artifact: z.object({ id: z.string(), state: z.string() }) }) }),
    signal,
  );
  return { id: createArtifact.artifact.id, committed: createArtifact.artifact.state === 'COMMITTED' };
}

const Upload = z.object({ uploadUrl: z.string().nullish(), uploadHeaders: z.array(z.string()).nullish() });

async function createManifest(client: WandbClient, variables: object, signal?: AbortSignal) {
  const { createArtifactManifest } = await client.query(
    `mutation CreateArtifactManifest($artifactID: ID!, $digest: String!, $entityName: String!, $projectName: String!, $runName: String!, $includeUpload: Boolean!) {
      createArtifactManifest(input: {
        artifactID: $artifactID, name: "wandb_manifest.json", digest: $digest, type: FULL,
        entityName: $entityName, projectName: $projectName, runName: $runName
      }) { artifactManifest { id file { id @include(if: $includeUpload) uploadUrl @include(if: $includeUpload) uploadHeaders @include(if: $includeUpload) } } }
    }`,
    variables,
    z.object({
      createArtifactManifest: z.object({ artifactManifest: z.object({ id: z.string(), file: Upload.nullish() }) }),
    }),
    signal,
  );
  return createArtifactManifest.artifactManifest;
}

const FileNode = Upload.extend({ artifact: z.object({ id: z.string() }) });

/** Resolves to the artifact that brought the bytes: this one, or an earlier one that has them. */
async function uploadFile(
  client: WandbClient,
  spec: object,
  file: ArtifactFile,
  signal?: AbortSignal,
): Promise<string> {
  const { createArtifactFiles } = await client.query(
    `mutation CreateArtifactFiles($artifactFiles: [CreateArtifactFileSpecInput!]!) {
      createArtifactFiles(input: { artifactFiles: $artifactFiles, storageLayout: V2 }) {
        files { edges { node { id name uploadUrl uploadHeaders artifact { id } } } }
      }
    }`,
    { artifactFiles: [spec] },
    z.object({ createArtifactFiles: z.object({ files: z.object({ edges: z.array(z.object({ node: FileNode })) }) }) }),
    signal,
  );
  const node = createArtifactFiles.files.edges[0]?.node;
  if (!node) throw new RookeryError('STORE_UNAVAILABLE', { detail: `no address for ${file.path}` });
  await put(client, node, { sizeBytes: file.sizeBytes, body: () => file.read() }, signal);
  return node.artifact.id;
}

async function put(
  client: WandbClient,
  { uploadUrl, uploadHeaders }: z.infer<typeof Upload>,
  { sizeBytes, body }: { sizeBytes: number; body: () => string | AsyncIterable<Uint8Array> },
  signal?: AbortSignal,
): Promise<void> {
  // The bytes are there already.
  if (!uploadUrl) return;
  const headers = Object.fromEntries(
    (uploadHeaders ?? []).map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1)] as const;
    }),
  );
  const request = { method: 'PUT', headers: { ...headers, 'content-length': String(sizeBytes) }, body } as const;
  const response = await client.send(uploadUrl, { ...request, presigned: true }, signal);
  await response.body?.cancel();
}

async function md5Of(file: ArtifactFile): Promise<string> {
  const hash = createHash('md5');
  for await (const chunk of file.read()) hash.update(chunk);
  return hash.digest('base64');
}
