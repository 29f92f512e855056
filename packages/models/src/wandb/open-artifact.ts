import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { asRookeryError, RookeryError } from '@rookery/contracts';
import type { Reference } from '../reference/reference.ts';
import type { ArtifactEntry } from './artifact-manifest.ts';
import { Artifacts } from './artifacts.ts';
import { readArtifactFile } from './read-artifact-file.ts';
import { rookeryOf } from './rookery-metadata.ts';
import { WandbClient, type WandbOptions } from './wandb-client.ts';

/** An artifact that is not a version of ours: somebody's model as it was logged. */
export interface ForeignArtifact {
  /** With its number instead of an alias: `wandb://entity/project/model:v0`. */
  readonly address: string;
  readonly paths: readonly string[];
  /** A file whose MD5 is that of the artifact's manifest; `undefined` where there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
}

const maxFruitless = 4;

/** @throws {RookeryError} MODEL_NOT_FOUND; REFERENCE_INVALID where it is a version that needs no import. */
export async function openArtifact(
  options: WandbOptions,
  reference: Extract<Reference, { kind: 'wandb' }>,
  signal?: AbortSignal,
): Promise<ForeignArtifact> {
  const { entity, project, artifact: collection, alias } = reference;
  const artifacts = new Artifacts(new WandbClient(options), entity, project);
  const asked = `wandb://${entity}/${project}/${collection}:${alias}`;
  const found = await artifacts.find(collection, alias, signal);
  if (!found) throw new RookeryError('MODEL_NOT_FOUND', { detail: `there is no ${asked}` });
  if (rookeryOf(found))
    throw new RookeryError('REFERENCE_INVALID', {
      detail: `${asked} is a version already: \`rookery models pull ${asked}\` copies it`,
    });
  const { contents } = await artifacts.manifest(found.id, signal);
  return {
    address: found.versionIndex === null ? asked : asked.replace(/:[^:]*$/, `:v${found.versionIndex}`),
    paths: Object.keys(contents),
    async read(path) {
      const entry = Object.hasOwn(contents, path) ? contents[path] : undefined;
      return entry && readEntry(artifacts, found.id, path, entry, signal);
    },
  };
}

async function readEntry(
  artifacts: Artifacts,
  id: string,
  path: string,
  { digest, ref }: ArtifactEntry,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (ref) throw new RookeryError('MODEL_INVALID', { detail: `${path} lies elsewhere: ${ref}` });
  const chunks: Uint8Array[] = [];
  let received = 0;
  for (let fruitless = 0; ; ) {
    const before = received;
    try {
      const more = await readArtifactFile(artifacts, id, path, received, signal);
      for await (const chunk of more ?? []) {
        chunks.push(chunk);
        received += chunk.byteLength;
      }
      break;
    } catch (thrown) {
      signal?.throwIfAborted();
      const error = asRookeryError(thrown, 'STORE_UNAVAILABLE');
      fruitless = received > before ? 0 : fruitless + 1;
      if (!error.retryable || fruitless > maxFruitless) throw error;
      await sleep(200 * 2 ** fruitless, undefined, { signal });
    }
  }
  const bytes = Buffer.concat(chunks);
  const found = createHash('md5').update(bytes).digest('base64');
  if (found !== digest)
    throw new RookeryError('MODEL_CORRUPT', { detail: `${path}: expected the MD5 ${digest}, found ${found}` });
  return bytes;
}
