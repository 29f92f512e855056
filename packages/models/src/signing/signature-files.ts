import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders, RookeryError } from '@rookery/contracts';
import { replaceFile, temporaryPrefix } from '../folder/durable-write.ts';
import { isMissing } from '../folder/version-folder.ts';
import { Signature } from './signing.ts';

/** `<version>/signatures/<key>.json`: beside what is signed, so that signing changes nothing of it. */
export const signaturesFolder = 'signatures';

export const encodeSignature = (signature: Signature): string => `${JSON.stringify(signature)}\n`;

/** @throws {RookeryError} MODEL_CORRUPT */
export function parseSignature(text: string, place: string): Signature {
  try {
    return Signature.parse(JSON.parse(text));
  } catch (cause) {
    throw new RookeryError('MODEL_CORRUPT', { detail: `${place} is no signature`, cause });
  }
}

export async function readSignatures(versionFolder: string): Promise<Signature[]> {
  const folder = join(versionFolder, signaturesFolder);
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return Promise.all(
    names
      .filter((name) => !name.startsWith(temporaryPrefix))
      .sort()
      .map(async (name) => parseSignature(await readFile(join(folder, name), 'utf8'), join(folder, name))),
  );
}

export async function writeSignature(versionFolder: string, signature: Signature): Promise<void> {
  const folder = join(versionFolder, signaturesFolder);
  await makeFolders(folder);
  await replaceFile(join(folder, `${signature.key}.json`), encodeSignature(signature));
}
