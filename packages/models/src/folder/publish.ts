import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { canonicalJson, type ModelDraft, type ModelManifest, makeFolders, RookeryError } from '@rookery/contracts';
import { checkDraft, checkName } from '../version/check-draft.ts';
import { digestOfFile } from '../version/verified-read.ts';
import { removeAbandoned } from './abandoned.ts';
import { replaceFile, syncFolder, temporaryName, writeDurably } from './durable-write.ts';
import { storeError } from './store-error.ts';
import { manifestFile, readVersionFolder, systemCode } from './version-folder.ts';

export interface Published {
  readonly version: string;
  /** False where the same version was there already. */
  readonly created: boolean;
  /** Files of a version that was there, which had been changed and now hold the right bytes again. */
  readonly repaired: readonly string[];
}

/**
 * Writes a version into `folder/<name>/<version>`: all of it or nothing is visible, whoever else publishes at the same time and
 * whenever the process dies.
 * @throws {RookeryError} MODEL_INVALID, LABELS_INVALID, REFERENCE_INVALID, VERSION_CONFLICT, STORE_FULL, STORE_DENIED
 */
export async function publishVersion(folder: string, name: string, draft: ModelDraft): Promise<Published> {
  checkName(name);
  const manifest = checkDraft(name, draft, new Date());
  const home = join(folder, name);
  const place = join(home, manifest.version);
  try {
    const there = await reuse(place, manifest, draft);
    if (there) return there;
    await makeFolders(home);
    await removeAbandoned(home);
    const temporary = join(home, temporaryName(manifest.version));
    try {
      await writeVersion(temporary, manifest, draft.files);
      if (await moveInto(temporary, place)) {
        await syncFolder(home);
        return { version: manifest.version, created: true, repaired: [] };
      }
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    const won = await reuse(place, manifest, draft);
    if (won) return won;
  } catch (error) {
    throw storeError(error, place);
  }
  throw new RookeryError('STORE_UNAVAILABLE', { detail: `${place} is there, but holds no manifest: remove it` });
}

async function writeVersion(folder: string, manifest: ModelManifest, files: ModelDraft['files']): Promise<void> {
  await mkdir(folder);
  const folders = new Set([folder]);
  for (const [path, bytes] of files) {
    const file = join(folder, path);
    await makeFolders(dirname(file));
    folders.add(dirname(file));
    await writeDurably(file, bytes);
  }
  await writeDurably(join(folder, manifestFile), encode(manifest));
  for (const each of folders) await syncFolder(each);
}

/** False where something is there already. */
export async function moveInto(temporary: string, place: string): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(temporary, place);
      return true;
    } catch (error) {
      if (['ENOTEMPTY', 'EEXIST'].includes(systemCode(error))) return false;
      // Windows says so where the place is taken, and for a moment while a virus scanner looks at the new files.
      if (!['EPERM', 'EACCES', 'EBUSY'].includes(systemCode(error))) throw error;
      if (await readVersionFolder(place)) return false;
      if (attempt === 5) throw error;
      await sleep(50 * attempt);
    }
  }
}

/** The version as it lies there, files that were changed since put right: the draft holds the right bytes. */
async function reuse(place: string, manifest: ModelManifest, draft: ModelDraft): Promise<Published | undefined> {
  const there = await manifestState(place, manifest);
  if (there === 'absent') return undefined;
  const repaired: string[] = [];
  for (const file of manifest.files) {
    const bytes = draft.files.get(file.path);
    if (!bytes || (await digestOfFile(place, file.path)) === file.digest) continue;
    await makeFolders(dirname(join(place, file.path)));
    await replaceFile(join(place, file.path), bytes);
    repaired.push(file.path);
  }
  if (there === 'corrupt') {
    await replaceFile(join(place, manifestFile), encode(manifest));
    repaired.push(manifestFile);
  }
  return { version: manifest.version, created: false, repaired };
}

async function manifestState(place: string, manifest: ModelManifest): Promise<'absent' | 'same' | 'corrupt'> {
  try {
    const there = await readVersionFolder(place);
    if (!there) return 'absent';
    if (canonicalJson(there.manifest.files) === canonicalJson(manifest.files)) return 'same';
  } catch (error) {
    if (error instanceof RookeryError && error.code === 'MODEL_CORRUPT') return 'corrupt';
    throw error;
  }
  throw new RookeryError('VERSION_CONFLICT', { detail: place });
}

const encode = (manifest: ModelManifest): string => `${JSON.stringify(manifest, null, 2)}\n`;
