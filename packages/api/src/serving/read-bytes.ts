import { RookeryError } from '@rookery/contracts';

export interface ReadBytesOptions {
  /** @throws SOURCE_TOO_MANY_BYTES beyond it. */
  readonly maxBytes: number;
  /** As announced; what is announced too large is not read. */
  readonly length?: number | undefined;
  /** Told of each piece before it is kept; may throw. */
  readonly hold: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** A stream's bytes in a buffer of their own, which may be transferred: copied once where the length is announced. */
export async function readBytes(
  stream: AsyncIterable<Uint8Array>,
  { maxBytes, length, hold, signal }: ReadBytesOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  if (length !== undefined && length > maxBytes) throw tooMany(length, maxBytes);
  // Allocated as it is filled: what is only announced costs nothing but addresses.
  let bytes = new Uint8Array(length ?? 0);
  let at = 0;
  for await (const chunk of whole(stream)) {
    signal.throwIfAborted();
    const end = at + chunk.byteLength;
    if (end > maxBytes) throw tooMany(end, maxBytes);
    hold(chunk.byteLength);
    if (end > bytes.byteLength) {
      const larger = new Uint8Array(Math.min(maxBytes, Math.max(end, 2 * bytes.byteLength, 65_536)));
      larger.set(bytes.subarray(0, at));
      bytes = larger;
    }
    bytes.set(chunk, at);
    at = end;
  }
  signal.throwIfAborted();
  return at === bytes.byteLength ? bytes : bytes.slice(0, at);
}

/** A stream that breaks is a request that ended early. */
async function* whole(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (cause) {
    if (cause instanceof RookeryError) throw cause;
    const gone = (cause as NodeJS.ErrnoException).code === 'ECONNRESET';
    throw new RookeryError(gone ? 'ABORTED' : 'REQUEST_INVALID', { detail: 'the body ended early', cause });
  }
}

const tooMany = (bytes: number, maxBytes: number): RookeryError =>
  new RookeryError('SOURCE_TOO_MANY_BYTES', { detail: `${bytes} bytes or more, at most ${maxBytes}` });
