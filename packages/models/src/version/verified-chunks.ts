import { createHash } from 'node:crypto';
import { Digest, type ModelFile, RookeryError } from '@rookery/contracts';

/** Passes bytes on and hashes them. @throws {RookeryError} MODEL_CORRUPT at their end, where they are not those of the file. */
export async function* verifiedChunks(
  chunks: AsyncIterable<Uint8Array>,
  file: ModelFile,
  place: string,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    size += chunk.byteLength;
    // No more than was promised, whoever sends it.
    if (size > file.sizeBytes) break;
    yield chunk;
  }
  const found = `sha256:${hash.digest('hex')}`;
  if (size !== file.sizeBytes || found !== file.digest)
    throw new RookeryError('MODEL_CORRUPT', {
      detail: `${place}/${file.path}: expected ${file.digest} (${file.sizeBytes} bytes), found ${found} (${size} bytes)`,
    });
}

export async function digestOfChunks(chunks: AsyncIterable<Uint8Array>): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return Digest.parse(`sha256:${hash.digest('hex')}`);
}
