import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ModelFile, type ModelManifest, makeFolders } from '@rookery/contracts';
import { readSignatures, writeSignature } from '../signing/signature-files.ts';
import { checkName } from '../version/check-draft.ts';
import { verifiedChunks } from '../version/verified-chunks.ts';
import { digestOfFile } from '../version/verified-read.ts';
import type { VersionContents } from '../version/version-contents.ts';
import { removeAbandoned } from './abandoned.ts';
import { replaceFile, syncFolder, temporaryName, writeDurably } from './durable-write.ts';
import { moveInto, type Published } from './publish.ts';
import { storeError } from './store-error.ts';
import { type ModelVersionFolder, manifestFile, readVersionFolder } from './version-folder.ts';

/** A version of a folder with its bytes. */
export const contentsOf = async ({ manifest, folder }: ModelVersionFolder): Promise<VersionContents> => ({
  manifest,
  signatures: await readSignatures(folder),
  read: (file, start = 0, signal) =>
    createReadStream(join(folder, file.path), { start, highWaterMark: 1 << 20, signal }),
});

/** Writes a version of another registry into a folder's registry: all of it or nothing is visible. */
export async function receiveVersion(
  folder: string,
  contents: VersionContents,
  signal: AbortSignal | undefined,
): Promise<Published> {
  const { manifest } = contents;
  checkName(manifest.name);
  const home = join(folder, manifest.name);
  const place = join(home, manifest.version);
  try {
    let created = false;
    let repaired: string[] = [];
    if (!(await readVersionFolder(place))) {
      await makeFolders(home);
      await removeAbandoned(home);
      created = await writeAll(join(home, temporaryName(manifest.version)), place, contents, signal);
    }
    if (!created) repaired = await repair(place, contents, signal);
    for (const signature of contents.signatures) await writeSignature(place, signature);
    await syncFolder(home);
    return { version: manifest.version, created, repaired };
  } catch (error) {
    throw storeError(error, place);
  }
}

async function writeAll(
  temporary: string,
  place: string,
  contents: VersionContents,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    await mkdir(temporary);
    for (const file of contents.manifest.files) await writeFile(join(temporary, file.path), contents, file, signal);
    await writeDurably(join(temporary, manifestFile), encodeManifest(contents.manifest));
    return await moveInto(temporary, place);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function writeFile(
  path: string,
  contents: VersionContents,
  file: ModelFile,
  signal: AbortSignal | undefined,
): Promise<void> {
  await makeFolders(dirname(path));
  const handle = await open(path, 'wx');
  try {
    for await (const chunk of verifiedChunks(contents.read(file, 0, signal), file, contents.manifest.name))
      await handle.writeFile(chunk);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What was changed of a version that is there holds the right bytes again. */
async function repair(place: string, contents: VersionContents, signal: AbortSignal | undefined): Promise<string[]> {
  const repaired: string[] = [];
  for (const file of contents.manifest.files) {
    if ((await digestOfFile(place, file.path, signal)) === file.digest) continue;
    const temporary = join(dirname(place), temporaryName('repair'));
    try {
      await writeFile(temporary, contents, file, signal);
      await makeFolders(dirname(join(place, file.path)));
      await rename(temporary, join(place, file.path));
    } finally {
      await rm(temporary, { force: true });
    }
    repaired.push(file.path);
  }
  if (!(await readVersionFolder(place))) {
    await replaceFile(join(place, manifestFile), encodeManifest(contents.manifest));
    repaired.push(manifestFile);
  }
  return repaired;
}

/** `manifest.json`, as every registry keeps it. */
export const encodeManifest = (manifest: ModelManifest): string => `${JSON.stringify(manifest, null, 2)}\n`;
