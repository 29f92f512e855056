import { type ModelFile, RookeryError } from '@rookery/contracts';
import { manifestFile } from '../folder/version-folder.ts';
import type { RemotePlace } from '../remote/place.ts';
import { verifiedChunks } from '../version/verified-chunks.ts';
import type { Artifacts, FoundArtifact } from './artifacts.ts';
import { readArtifactFile } from './read-artifact-file.ts';
import { rookeryOf } from './rookery-metadata.ts';

/** The versions of a project's models, as artifacts. Changes nothing. */
interface WandbVersions extends Pick<RemotePlace, 'readFile' | 'readManifest'> {
  find(name: string, version: string, signal?: AbortSignal): Promise<FoundArtifact | undefined>;
  /** @throws {RookeryError} MODEL_NOT_FOUND */
  known(name: string, version: string): Promise<FoundArtifact>;
  isIntact(name: string, version: string, file: ModelFile, signal?: AbortSignal): Promise<boolean>;
  /** Whether what is linked there has the name of the collection: its signatures are of a manifest with its own. */
  hasOwnName(name: string, version: string): Promise<boolean>;
}

/** @param linksOnly The project's collections link artifacts of other projects. */
export function wandbVersions(
  artifacts: Artifacts,
  { location, linksOnly }: { readonly location: string; readonly linksOnly: boolean },
): WandbVersions {
  const find = async (name: string, version: string, signal?: AbortSignal): Promise<FoundArtifact | undefined> => {
    const named = await artifacts.find(name, version, signal);
    if (named && rookeryOf(named)?.version === version) return named;
    // A link brings no aliases along.
    return linksOnly ? (await artifacts.list(name)).find((each) => rookeryOf(each)?.version === version) : undefined;
  };
  const known = async (name: string, version: string): Promise<FoundArtifact> => {
    const found = await find(name, version);
    if (found) return found;
    throw new RookeryError('MODEL_NOT_FOUND', { detail: `${name}@${version} is not in ${location}` });
  };

  async function* readFile(name: string, version: string, file: ModelFile, start: number, signal?: AbortSignal) {
    if (start >= file.sizeBytes) return;
    const found = await find(name, version, signal);
    const chunks = found && (await readArtifactFile(artifacts, found.id, file.path, start, signal));
    if (!chunks)
      throw new RookeryError('MODEL_CORRUPT', { detail: `${location}/${name}:${version} has no ${file.path}` });
    yield* chunks;
  }

  const readText = async (name: string, version: string): Promise<string | undefined> => {
    const found = await find(name, version);
    const chunks = found && (await readArtifactFile(artifacts, found.id, manifestFile));
    if (!chunks) return undefined;
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    return Buffer.concat(parts).toString();
  };
  /** With the name of the collection, also where another one is linked there. */
  const readManifest = async (name: string, version: string): Promise<string | undefined> => {
    const text = await readText(name, version);
    return text !== undefined && linksOnly ? calledAs(name, text) : text;
  };
  const hasOwnName = async (name: string, version: string): Promise<boolean> => {
    if (!linksOnly) return true;
    const text = await readText(name, version);
    return text === undefined || calledAs(name, text) === text;
  };

  const isIntact = async (name: string, version: string, file: ModelFile, signal?: AbortSignal): Promise<boolean> => {
    try {
      for await (const _ of verifiedChunks(readFile(name, version, file, 0, signal), file, location));
      return true;
    } catch (error) {
      if (error instanceof RookeryError && ['MODEL_CORRUPT', 'OBJECT_NOT_FOUND'].includes(error.code)) return false;
      throw error;
    }
  };

  return { find, known, readFile, readManifest, isIntact, hasOwnName };
}

/** A manifest with the name of the collection that links it. */
function calledAs(name: string, text: string): string {
  try {
    const manifest: unknown = JSON.parse(text);
    if (typeof manifest !== 'object' || manifest === null || !('name' in manifest) || manifest.name === name)
      return text;
    return JSON.stringify({ ...manifest, name });
  } catch {
    // Whoever reads it says so.
    return text;
  }
}
