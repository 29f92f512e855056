import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { asRookeryError, type ModelFile, makeFolders, RookeryError } from '@rookery/contracts';
import { syncFolder } from '../folder/durable-write.ts';
import { storeError } from '../folder/store-error.ts';
import { systemCode } from '../folder/version-folder.ts';

/** The bytes of a file from an offset on. */
export type ReadFrom = (file: ModelFile, start: number, signal?: AbortSignal) => AsyncIterable<Uint8Array>;

/** Attempts in a row that brought nothing. */
const maxFruitless = 5;
const pauseMs = 200;

/**
 * Downloads a file to its place. What came before a connection broke, or a process died, stays as `<path>.part` and is gone on from;
 * the file appears under its name once its digest is right.
 * @throws {RookeryError} MODEL_CORRUPT where even a download from its beginning gives other bytes; STORE_FULL; what the source throws.
 */
export async function downloadFile(
  folder: string,
  file: ModelFile,
  readFrom: ReadFrom,
  signal?: AbortSignal,
): Promise<void> {
  const path = join(folder, file.path);
  const part = `${path}.part`;
  await makeFolders(dirname(path));
  for (let fruitless = 0, fresh = false; ; ) {
    const { size, hash } = fresh ? { size: 0, hash: createHash('sha256') } : await partOf(part, signal);
    const handle = await open(part, fresh ? 'w' : 'a');
    let written = size;
    let failure: unknown;
    try {
      written += await append(handle, readFrom(file, size, signal), hash, file.sizeBytes - size);
      await handle.sync();
    } catch (error) {
      failure = error;
    } finally {
      await handle.close();
    }
    signal?.throwIfAborted();
    if (['ENOSPC', 'EDQUOT'].includes(systemCode(failure))) {
      // Half a file would only keep the disk full.
      await rm(part, { force: true });
      throw storeError(failure, path);
    }
    if (failure === undefined && written === file.sizeBytes) {
      const found = `sha256:${hash.digest('hex')}`;
      if (found === file.digest) break;
      await rm(part, { force: true });
      if (size === 0)
        throw new RookeryError('MODEL_CORRUPT', { detail: `${file.path}: expected ${file.digest}, found ${found}` });
      // The first part was of something else.
      fresh = true;
      continue;
    }
    fresh = false;
    const error = asRookeryError(failure ?? new Error(`${file.path} ended early`), 'STORE_UNAVAILABLE');
    // The part is measured again: what was handed over before the failure is in it.
    const progress = (await partSize(part)) > size;
    fruitless = progress ? 0 : fruitless + 1;
    if (!error.retryable || fruitless >= maxFruitless) throw error;
    await sleep(pauseMs * 2 ** fruitless * (0.5 + Math.random()), undefined, { signal });
  }
  await rename(part, path);
  await syncFolder(dirname(path));
}

async function append(
  handle: FileHandle,
  chunks: AsyncIterable<Uint8Array>,
  hash: Hash,
  room: number,
): Promise<number> {
  let written = 0;
  for await (const chunk of chunks) {
    // No more than the file has, whoever sends it.
    const bytes = chunk.subarray(0, room - written);
    await handle.writeFile(bytes);
    hash.update(bytes);
    written += bytes.byteLength;
    if (written === room) break;
  }
  return written;
}

/** What is there already, hashed. */
async function partOf(part: string, signal?: AbortSignal): Promise<{ size: number; hash: Hash }> {
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of createReadStream(part, { highWaterMark: 1 << 20, signal })) {
      hash.update(chunk);
      size += chunk.length;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return { size, hash };
}

async function partSize(part: string): Promise<number> {
  const handle = await open(part, 'r');
  try {
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}
