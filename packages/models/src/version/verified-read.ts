import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, type ModelFile, RookeryError } from '@rookery/contracts';
import { isMissing } from '../folder/version-folder.ts';

/** While one piece is hashed the next is read. Bytes. */
const pieceBytes = 1 << 20;

/**
 * The bytes of a file of a version, verified: what is returned is what was hashed, so nothing can be exchanged between the check and
 * the use. The bytes have a buffer of their own and may be transferred.
 * @throws {RookeryError} MODEL_CORRUPT with the file and both digests.
 */
export async function readVerified(folder: string, file: ModelFile, signal?: AbortSignal): Promise<Uint8Array> {
  const handle = await openFile(folder, file);
  try {
    const { size } = await handle.stat();
    if (size !== file.sizeBytes) throw corrupt(folder, file, await digestOfHandle(handle, signal));
    const bytes = Buffer.allocUnsafeSlow(size);
    const digest = await digestOfHandle(handle, signal, (offset) => bytes.subarray(offset, offset + pieceBytes));
    if (digest !== file.digest) throw corrupt(folder, file, digest);
    return new Uint8Array(bytes.buffer);
  } finally {
    await handle.close();
  }
}

/** The digest of a file as it is now; `null` where it is not there. */
export async function digestOfFile(folder: string, path: string, signal?: AbortSignal): Promise<Digest | null> {
  let handle: FileHandle;
  try {
    handle = await open(join(folder, path));
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw new RookeryError('SOURCE_UNREADABLE', { detail: join(folder, path), cause });
  }
  try {
    return await digestOfHandle(handle, signal);
  } finally {
    await handle.close();
  }
}

async function openFile(folder: string, file: ModelFile): Promise<FileHandle> {
  try {
    return await open(join(folder, file.path));
  } catch (cause) {
    if (isMissing(cause)) throw corrupt(folder, file, null);
    throw new RookeryError('SOURCE_UNREADABLE', { detail: join(folder, file.path), cause });
  }
}

/** Reads to the end; `place` gives the room for the piece at an offset, never that of the piece before it. */
async function digestOfHandle(
  handle: FileHandle,
  signal: AbortSignal | undefined,
  place: (offset: number) => Buffer = alternating(),
): Promise<Digest> {
  const hash = createHash('sha256');
  const read = async (offset: number): Promise<Buffer> => {
    const room = place(offset);
    const { bytesRead } = await handle.read(room, 0, room.length, offset);
    return room.subarray(0, bytesRead);
  };
  let offset = 0;
  for (let piece = await read(0); piece.length > 0; ) {
    signal?.throwIfAborted();
    offset += piece.length;
    const coming = read(offset);
    hash.update(piece);
    piece = await coming;
  }
  return `sha256:${hash.digest('hex')}`;
}

function alternating(): () => Buffer {
  const rooms: [Buffer, Buffer] = [Buffer.allocUnsafe(pieceBytes), Buffer.allocUnsafe(pieceBytes)];
  let turn: 0 | 1 = 0;
  return () => {
    turn = turn === 0 ? 1 : 0;
    return rooms[turn];
  };
}

const corrupt = (folder: string, file: ModelFile, found: Digest | null): RookeryError =>
  new RookeryError('MODEL_CORRUPT', {
    detail: `${join(folder, file.path)}: expected ${file.digest}, found ${found ?? 'no such file'}`,
  });
