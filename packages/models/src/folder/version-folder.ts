import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeIssues, ModelManifest, RookeryError } from '@rookery/contracts';
import { versionOfIdentity } from '../version/version-of.ts';

export const manifestFile = 'manifest.json';

/** One version of a model, as it lies on disk. */
export interface ModelVersionFolder {
  readonly manifest: ModelManifest;
  /** Absolute or as the registry's folder was given. */
  readonly folder: string;
  /** Ships with Rookery; can't be removed. */
  readonly builtIn: boolean;
}

/**
 * Reads the manifest of a version's folder.
 * @returns `undefined` where there is none.
 * @throws {RookeryError} MODEL_CORRUPT where it is damaged or does not say what its version's name stands for; MODEL_INVALID where it
 * is of a later format.
 */
export async function readVersionFolder(folder: string, builtIn = false): Promise<ModelVersionFolder | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, manifestFile), 'utf8');
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw new RookeryError('SOURCE_UNREADABLE', { detail: join(folder, manifestFile), cause });
  }
  return { manifest: parseManifest(text, join(folder, manifestFile)), folder, builtIn };
}

/** @throws {RookeryError} MODEL_CORRUPT, MODEL_INVALID naming the place. */
export function parseManifest(text: string, place: string): ModelManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new RookeryError('MODEL_CORRUPT', { detail: `${place} is not JSON`, cause });
  }
  const parsed = ModelManifest.safeParse(json);
  const format = json !== null && typeof json === 'object' && 'v' in json ? json.v : undefined;
  if (typeof format === 'number' && Number.isInteger(format) && format > 1)
    throw new RookeryError('MODEL_INVALID', {
      detail: `${place} has format ${format}, which needs a newer Rookery`,
    });
  if (!parsed.success)
    throw new RookeryError('MODEL_CORRUPT', {
      detail: `${place}: ${describeIssues(parsed.error)}`,
      cause: parsed.error,
    });
  const version = versionOfIdentity(parsed.data);
  if (version !== parsed.data.version)
    throw new RookeryError('MODEL_CORRUPT', {
      detail: `${place}: expected version ${parsed.data.version}, its contents give ${version}`,
    });
  return parsed.data;
}

/** Nothing under this name, or something that is no folder in the middle of it. */
export const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(systemCode(error));

/** `ENOENT` and its like; empty for what did not come from the system. */
export const systemCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
