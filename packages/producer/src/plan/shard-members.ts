import { Readable } from 'node:stream';
import { extract } from 'tar-stream';

/** A file in a tar file. */
export interface ShardMember {
  readonly name: string;
  /** Of its first byte, and of the header that follows it, in the tar file. */
  readonly start: number;
  readonly end: number;
  readonly sizeBytes: number;
}

/** Headers and contents of a tar file begin at multiples of it. */
const blockBytes = 512;

export class ShardUnreadable extends Error {
  override readonly name = 'ShardUnreadable';
}

/**
 * The files of a tar file (ustar, PAX, GNU), in their order, as its bytes come; what they hold is passed over. `offset`: where in the file
 * the first byte lies, the beginning or the `end` of a member. @throws {ShardUnreadable} where what comes is no tar file; what `chunks` throws
 */
export async function* shardMembers(chunks: AsyncIterable<Uint8Array>, offset = 0): AsyncGenerator<ShardMember> {
  const tar = extract();
  const bytes = Readable.from(chunks, { objectMode: false });
  let failed: { readonly reason: unknown } | undefined;
  bytes.on('error', (reason) => {
    failed = { reason };
    tar.destroy(reason);
  });
  bytes.pipe(tar);
  try {
    for await (const entry of tar) {
      entry.resume();
      const { name, type, size } = entry.header;
      if (type !== 'file' && type !== 'contiguous-file') continue;
      const start = offset + entry.offset + blockBytes;
      const end = start + Math.ceil(size / blockBytes) * blockBytes;
      yield { name: name.replace(/^(\.?\/)+/, ''), start, end, sizeBytes: size };
    }
  } catch (cause) {
    throw failed ? failed.reason : new ShardUnreadable('this is no tar file', { cause });
  } finally {
    bytes.destroy();
    tar.destroy();
  }
}
