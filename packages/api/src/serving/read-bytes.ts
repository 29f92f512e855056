import type { Readable } from 'node:stream';
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

/**
 * A stream's bytes in a buffer of their own, which may be transferred: copied once where the length is announced. By events: an async
 * iterator would cost a small picture more than all else about its request.
 * @throws {RookeryError} SOURCE_TOO_MANY_BYTES; REQUEST_INVALID, ABORTED where the stream ends early; what `hold` and the signal say.
 */
export function readBytes(
  stream: Readable,
  { maxBytes, length, hold, signal }: ReadBytesOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    if (length !== undefined && length > maxBytes) throw tooMany(length, maxBytes);
    signal.throwIfAborted();
    // Allocated as it is filled: what is only announced costs nothing but addresses.
    let bytes = new Uint8Array(length ?? 0);
    let at = 0;
    const settle = (): void => {
      stream.off('data', take);
      stream.off('end', end);
      stream.off('error', fail);
      stream.off('close', cut);
      signal.removeEventListener('abort', abort);
    };
    const giveUp = (reason: unknown): void => {
      settle();
      // Whoever owns the stream reads on past it or destroys it.
      stream.on('error', () => {});
      stream.resume();
      reject(reason);
    };
    const take = (chunk: Uint8Array): void => {
      const next = at + chunk.byteLength;
      if (next > maxBytes) {
        giveUp(tooMany(next, maxBytes));
        return;
      }
      try {
        hold(chunk.byteLength);
      } catch (thrown) {
        giveUp(thrown);
        return;
      }
      if (next > bytes.byteLength) {
        const larger = new Uint8Array(Math.min(maxBytes, Math.max(next, 2 * bytes.byteLength, 65_536)));
        larger.set(bytes.subarray(0, at));
        bytes = larger;
      }
      bytes.set(chunk, at);
      at = next;
    };
    const end = (): void => {
      settle();
      resolve(at === bytes.byteLength ? bytes : bytes.slice(0, at));
    };
    const fail = (cause: NodeJS.ErrnoException): void => {
      const code = cause.code === 'ECONNRESET' ? 'ABORTED' : 'REQUEST_INVALID';
      giveUp(cause instanceof RookeryError ? cause : new RookeryError(code, { detail: 'the body ended early', cause }));
    };
    const cut = (): void => giveUp(new RookeryError('ABORTED', { detail: 'the body ended early' }));
    const abort = (): void => giveUp(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    stream.on('data', take);
    stream.on('end', end);
    stream.on('error', fail);
    stream.on('close', cut);
    // What happened before anybody listened is not told again.
    if (stream.errored) fail(stream.errored);
    else if (stream.readableEnded) end();
    else if (stream.destroyed) cut();
  });
}

const tooMany = (bytes: number, maxBytes: number): RookeryError =>
  new RookeryError('SOURCE_TOO_MANY_BYTES', { detail: `${bytes} bytes or more, at most ${maxBytes}` });
