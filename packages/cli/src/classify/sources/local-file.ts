import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { RookeryError } from '@rookery/contracts';
import type { ReadOptions } from '../picture.ts';

/**
 * Reads a regular file. Opening never blocks, whatever lies there: a fifo without a writer, a device, a socket.
 * @throws {RookeryError} SOURCE_NOT_FOUND, SOURCE_DENIED, SOURCE_NOT_A_FILE, SOURCE_TOO_MANY_BYTES, SOURCE_UNREADABLE, ABORTED.
 */
export async function readLocalFile(
  place: string | Buffer,
  maxBytes: number,
  { signal, reserve }: ReadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  signal.throwIfAborted();
  const path = place.toString();
  let file: FileHandle | undefined;
  try {
    file = await open(place, constants.O_RDONLY | constants.O_NONBLOCK);
    const info = await file.stat();
    if (!info.isFile()) throw new RookeryError('SOURCE_NOT_A_FILE', { detail: path });
    if (info.size > maxBytes)
      throw new RookeryError('SOURCE_TOO_MANY_BYTES', { detail: `${path}: ${info.size} bytes` });
    await reserve(info.size);
    return await readWhole(file, info.size);
  } catch (error) {
    throw fileError(error, path);
  } finally {
    await file?.close();
  }
}

/** As many bytes as the file had when it was opened; fewer where it was cut meanwhile. */
async function readWhole(file: FileHandle, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await file.read(bytes, filled, size - filled, filled);
    if (bytesRead === 0) return bytes.slice(0, filled);
    filled += bytesRead;
  }
  return bytes;
}

const codes: Readonly<Record<string, ConstructorParameters<typeof RookeryError>[0]>> = {
  ENOENT: 'SOURCE_NOT_FOUND',
  ENOTDIR: 'SOURCE_NOT_FOUND',
  ELOOP: 'SOURCE_NOT_FOUND',
  ENAMETOOLONG: 'SOURCE_NOT_FOUND',
  // A name with a NUL, which no file has.
  ERR_INVALID_ARG_VALUE: 'SOURCE_NOT_FOUND',
  EACCES: 'SOURCE_DENIED',
  EPERM: 'SOURCE_DENIED',
  EISDIR: 'SOURCE_NOT_A_FILE',
  // Opening a socket, or a fifo or device that nothing stands behind.
  ENXIO: 'SOURCE_NOT_A_FILE',
  ENODEV: 'SOURCE_NOT_A_FILE',
};

/** What the file system's error means for a source. */
export function fileError(error: unknown, path: string): RookeryError {
  if (error instanceof RookeryError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return new RookeryError(codes[code] ?? 'SOURCE_UNREADABLE', {
    detail: `${path}: ${code || String(error)}`,
    cause: error,
  });
}
