import { join } from 'node:path';
import {
  canonicalJson,
  digestOf,
  type GraphSource,
  type ModelFile,
  type ModelManifest,
  type ServingModel,
} from '@rookery/contracts';
import type { ModelVersionFolder } from '../folder/version-folder.ts';
import { notAmongFiles, servingModelOf } from './serving-model-of.ts';
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
export function loadModel(version: ModelVersionFolder, options: LoadOptions = {}): Promise<ServingModel> {
  const { signal } = options;
  return servingModelOf(version.manifest, options.variant, {
    graph: (path) => readGraph(version, path, signal),
    labels: (file) => readVerified(version.folder, file, signal),
  });
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
