import { join } from 'node:path';
import {
  canonicalJson,
  digestOf,
  type GraphSource,
  type ModelFile,
  type ModelManifest,
  RookeryError,
  type ServingModel,
} from '@rookery/contracts';
import type { ModelVersionFolder } from '../folder/version-folder.ts';
import { readVerified } from './verified-read.ts';

export interface LoadOptions {
  /** Another form than the manifest's default: `fp32`, `int8`, ... */
  readonly variant?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads one variant of a version, every file it uses verified; those of other variants are not touched. Graphs that are one file are
 * handed over as the very bytes that were verified.
 * @throws {RookeryError} MODEL_NOT_FOUND for an unknown variant, MODEL_CORRUPT, MODEL_INVALID, SOURCE_UNREADABLE.
 */
export async function loadModel(version: ModelVersionFolder, options: LoadOptions = {}): Promise<ServingModel> {
  const { manifest, folder } = version;
  const { signal } = options;
  const name = options.variant ?? manifest.defaultVariant;
  const variant = manifest.variants[name];
  if (!variant)
    throw new RookeryError('MODEL_NOT_FOUND', {
      detail: `${manifest.name}@${manifest.version} has no variant "${name}", only ${Object.keys(manifest.variants).join(', ')}`,
    });
  const labelsFile = fileOf(manifest, manifest.labels);
  const [graph, labelsBytes] = await Promise.all([
    readGraph(version, variant.path, signal),
    readVerified(folder, labelsFile, signal),
  ]);
  return {
    name: manifest.name,
    version: manifest.version,
    variant: name,
    format: variant.format,
    graph,
    input: manifest.signature.input,
    output: manifest.signature.output,
    preprocessing: manifest.preprocessing,
    decode: manifest.decode,
    stableBatch: variant.stableBatch,
    ...(variant.adapt && { adapt: variant.adapt }),
    ...(variant.sessionConfig && { sessionConfig: variant.sessionConfig }),
    labels: readLabels(labelsBytes, manifest),
    labelsDigest: labelsFile.digest,
  };
}

/** A file as its verified bytes; a folder as its path, every file in it verified, under the digest of their list. */
async function readGraph(
  { manifest, folder }: ModelVersionFolder,
  path: string,
  signal: AbortSignal | undefined,
): Promise<GraphSource> {
  const file = manifest.files.find((candidate) => candidate.path === path);
  if (file) return { bytes: await readVerified(folder, file, signal), digest: file.digest };
  const files = filesBelow(manifest, path);
  if (files.length === 0) throw notAmongFiles(manifest, path);
  for (const each of files) await readVerified(folder, each, signal);
  const list = Object.fromEntries(files.map((each) => [each.path.slice(path.length + 1), each.digest]));
  return { path: join(folder, path), digest: digestOf(canonicalJson(list)) };
}

/** The files of a graph that is a folder. */
export const filesBelow = (manifest: Pick<ModelManifest, 'files'>, path: string): ModelFile[] =>
  manifest.files.filter((file) => file.path.startsWith(`${path}/`));

function fileOf(manifest: ModelManifest, path: string): ModelFile {
  const file = manifest.files.find((candidate) => candidate.path === path);
  if (!file) throw notAmongFiles(manifest, path);
  return file;
}

const notAmongFiles = (manifest: ModelManifest, path: string): RookeryError =>
  new RookeryError('MODEL_INVALID', { detail: `${manifest.name}@${manifest.version}: ${path} is not among its files` });

function readLabels(bytes: Uint8Array, manifest: ModelManifest): string[] {
  const labels = splitLabels(bytes);
  const { classes } = manifest.signature.output;
  if (labels.length !== classes)
    throw new RookeryError('MODEL_INVALID', {
      detail: `${manifest.name}@${manifest.version}: ${labels.length} labels for ${classes} classes`,
    });
  return labels;
}

/** The lines of a version's own labels file: UTF-8, LF. */
export function splitLabels(bytes: Uint8Array): string[] {
  const text = new TextDecoder().decode(bytes);
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}
