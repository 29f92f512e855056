import { type ModelFile, RookeryError } from '@rookery/contracts';
import { isVersionName } from '../alias/aliases.ts';
import { encodeManifest } from '../folder/receive-version.ts';
import { manifestFile } from '../folder/version-folder.ts';
import { encodeSignature, parseSignature, signaturesFolder } from '../signing/signature-files.ts';
import { verifiedChunks } from '../version/verified-chunks.ts';
import type { VersionContents } from '../version/version-contents.ts';
import { aliasLog } from './alias-log.ts';
import type { RemotePlace } from './place.ts';
import type { RegistryStore } from './registry-store.ts';

/**
 * Versions in a store of objects, laid out as in a folder: `<name>/<version>/manifest.json` and the files that it names. A version is
 * there once its manifest is, which is put last and only if absent; files have the digests that the version is named after, so that
 * two publishers can only write the same bytes.
 */
export function objectPlace(store: RegistryStore): RemotePlace {
  const location = store.location.replace(/\/+$/, '');
  const text = async (key: string): Promise<string | undefined> => {
    try {
      return new TextDecoder().decode((await store.get(key)).body);
    } catch (error) {
      if (error instanceof RookeryError && error.code === 'OBJECT_NOT_FOUND') return undefined;
      throw error;
    }
  };
  const keysBelow = async (prefix: string): Promise<string[]> => {
    const keys: string[] = [];
    for await (const page of store.list(prefix)) for (const { key } of page) keys.push(key);
    return keys;
  };
  const keyOf = (name: string, version: string, path: string): string => `${name}/${version}/${path}`;

  async function* readFile(name: string, version: string, file: ModelFile, start: number, signal?: AbortSignal) {
    // A range of no bytes is none.
    if (start >= file.sizeBytes) return;
    const range = start > 0 ? { start, end: file.sizeBytes - 1 } : undefined;
    try {
      yield* (await store.read(keyOf(name, version, file.path), { range, signal })).chunks;
    } catch (error) {
      if (!(error instanceof RookeryError) || error.code !== 'OBJECT_NOT_FOUND') throw error;
      throw new RookeryError('MODEL_CORRUPT', {
        detail: `${location}/${keyOf(name, version, file.path)} is not there`,
        cause: error,
      });
    }
  }

  const isIntact = async (name: string, version: string, file: ModelFile, signal?: AbortSignal): Promise<boolean> => {
    const info = await store.head(keyOf(name, version, file.path));
    if (info?.sizeBytes !== file.sizeBytes) return false;
    try {
      for await (const _ of verifiedChunks(readFile(name, version, file, 0, signal), file, location));
      return true;
    } catch (error) {
      if (error instanceof RookeryError && error.code === 'MODEL_CORRUPT') return false;
      throw error;
    }
  };

  const put = async (contents: VersionContents, signal?: AbortSignal) => {
    const { name, version, files } = contents.manifest;
    const isThere = (await store.head(keyOf(name, version, manifestFile))) !== undefined;
    const repaired: string[] = [];
    for (const file of files) {
      const chunks = () => verifiedChunks(contents.read(file, 0, signal), file, name);
      const key = keyOf(name, version, file.path);
      // What is there is looked at, not put again: a put whose answer was lost cannot tell its own bytes from those that were there.
      if (!isThere && (await store.write(key, chunks(), { ifAbsent: true, signal })) === 'created') continue;
      if (await isIntact(name, version, file, signal)) continue;
      await store.write(key, chunks(), { signal });
      repaired.push(file.path);
    }
    for (const each of contents.signatures) await addSignature(name, version, each);
    const manifest = encodeManifest(contents.manifest);
    const created = (await store.put(keyOf(name, version, manifestFile), manifest, { ifAbsent: true })) === 'created';
    return { created, repaired: created ? [] : repaired };
  };

  const addSignature = async (name: string, version: string, signature: Parameters<RemotePlace['addSignature']>[2]) => {
    await store.put(keyOf(name, version, `${signaturesFolder}/${signature.key}.json`), encodeSignature(signature));
  };

  return {
    location,
    async names() {
      return [...new Set((await keysBelow('')).flatMap((key) => (key.includes('/') ? [key.split('/')[0] ?? ''] : [])))];
    },
    async versions(name) {
      const keys = await keysBelow(`${name}/`);
      return keys
        .map((key) => key.split('/'))
        .filter(
          ([, version, file, ...more]) => file === manifestFile && more.length === 0 && isVersionName(version ?? ''),
        )
        .map(([, version]) => version ?? '');
    },
    readManifest: (name, version) => text(keyOf(name, version, manifestFile)),
    readFile,
    put,
    async remove(name, version) {
      // First what makes it a version: nobody finds half of one.
      await store.delete([keyOf(name, version, manifestFile)]);
      await store.delete(await keysBelow(`${name}/${version}/`));
    },
    ...aliasLog(store, location),
    async signatures(name, version) {
      const keys = await keysBelow(keyOf(name, version, `${signaturesFolder}/`));
      return Promise.all(keys.map(async (key) => parseSignature((await text(key)) ?? '', `${location}/${key}`)));
    },
    addSignature,
    recordUse: async () => {},
    [Symbol.asyncDispose]: async () => store[Symbol.asyncDispose](),
  };
}
