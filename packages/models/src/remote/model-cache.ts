import { readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ModelFile, type ModelManifest, makeFolders, RookeryError } from '@rookery/contracts';
import { withFolderLock } from '../folder/folder-lock.ts';
import { storeError } from '../folder/store-error.ts';
import { isMissing, type ModelVersionFolder, systemCode } from '../folder/version-folder.ts';
import { downloadFile, type ReadFrom } from './download-file.ts';

export interface ModelCacheOptions {
  readonly folder: string;
  /** What all versions together may take; the least recently used leave. Bytes. */
  readonly maxBytes: number;
}

const usedFile = '.used';
/** Whoever asked for a version so recently may still be reading it. */
const inUseMs = 60_000;
/** As long as the largest model on the slowest line takes; who waits can be aborted. */
const patienceMs = 24 * 60 * 60 * 1000;

/**
 * Files of versions on this machine, shared by its processes: each is downloaded once, is visible once it is whole and verified, and
 * leaves when there is too much, least recently used version first.
 */
export class ModelCache {
  constructor(readonly options: ModelCacheOptions) {}

  /**
   * The version as a folder that holds these files (perhaps not the others).
   * @throws {RookeryError} STORE_FULL, STORE_DENIED where the cache cannot be written; what the source throws.
   */
  async ensure(
    manifest: ModelManifest,
    files: readonly ModelFile[],
    readFrom: ReadFrom,
    signal?: AbortSignal,
  ): Promise<ModelVersionFolder> {
    const folder = join(this.options.folder, manifest.name, manifest.version);
    try {
      await makeFolders(folder);
      await touch(join(folder, usedFile));
      if ((await missing(folder, files)).length > 0) await this.#fetch(folder, files, readFrom, signal);
    } catch (error) {
      throw /^E[A-Z0-9]+$/.test(systemCode(error)) ? storeError(error, folder) : error;
    }
    return { manifest, folder, builtIn: false };
  }

  async #fetch(folder: string, files: readonly ModelFile[], readFrom: ReadFrom, signal?: AbortSignal): Promise<void> {
    // A large model may take longer than a version that nobody uses may stay.
    const inUse = setInterval(() => void touch(join(folder, usedFile)).catch(() => {}), inUseMs / 3).unref();
    try {
      await withFolderLock(
        folder,
        async () => {
          for (const file of await missing(folder, files)) await downloadFile(folder, file, readFrom, signal);
        },
        { patienceMs, signal },
      );
    } finally {
      clearInterval(inUse);
    }
    await this.#makeRoom(folder);
  }

  /** Forgets a file that turned out to be damaged. */
  async forget({ manifest, folder }: ModelVersionFolder): Promise<void> {
    for (const { path } of manifest.files) await rm(join(folder, path), { force: true });
  }

  async #makeRoom(kept: string): Promise<void> {
    const versions = await this.#versions();
    let total = versions.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    for (const { folder, sizeBytes, usedAt } of versions.sort((a, b) => a.usedAt - b.usedAt)) {
      if (total <= this.options.maxBytes) return;
      if (folder === kept || Date.now() - usedAt < inUseMs) continue;
      await rm(folder, { recursive: true, force: true });
      total -= sizeBytes;
    }
  }

  async #versions(): Promise<{ folder: string; sizeBytes: number; usedAt: number }[]> {
    const names = await readdir(this.options.folder);
    const folders = await Promise.all(
      names.map(async (name) => {
        const home = join(this.options.folder, name);
        const versions = await readdir(home).catch(() => []);
        return versions.map((version) => join(home, version));
      }),
    );
    return Promise.all(
      folders.flat().map(async (folder) => ({
        folder,
        sizeBytes: await sizeOf(folder),
        usedAt: (await stat(join(folder, usedFile)).catch(() => undefined))?.mtimeMs ?? 0,
      })),
    );
  }
}

/** Files that are not there with their size. Their digests are verified where they are read. */
async function missing(folder: string, files: readonly ModelFile[]): Promise<ModelFile[]> {
  const sizes = await Promise.all(
    files.map(({ path }) =>
      stat(join(folder, path)).then(
        ({ size }) => size,
        (error: unknown) => {
          if (isMissing(error)) return undefined;
          throw new RookeryError('SOURCE_UNREADABLE', { detail: join(folder, path), cause: error });
        },
      ),
    ),
  );
  return files.filter(({ sizeBytes }, index) => sizes[index] !== sizeBytes);
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => writeFile(path, ''));
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) =>
        stat(join(entry.parentPath, entry.name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
