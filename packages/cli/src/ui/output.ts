import { once } from 'node:events';
import { RookeryError } from '@rookery/contracts';
import { fileTrouble } from '../file-trouble.ts';

/** Writes text to a stream, with back-pressure, and survives a reader that goes away (`| head`). */
export interface Output {
  readonly isTTY: boolean;
  /** Characters a line; 80 where there is no terminal. */
  readonly columns: number;
  /** Resolves when more may be written: awaiting it keeps memory flat. Resolves at once after the reader has gone. */
  write(text: string): Promise<void>;
  /** Whether the reader has gone, or nothing more can be written: what is written now is dropped. */
  readonly closed: boolean;
  /** Why something could not be written, such as STORE_FULL; never that the reader has gone. */
  readonly trouble: RookeryError | undefined;
  /** Everything that was written has left the process. */
  flush(): Promise<void>;
}

export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** What writing says when nobody reads. */
const goneAway: readonly string[] = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'];

/**
 * @param name for people, should it not be possible to write to it.
 * @param onClosed called once, when the reader went away or nothing more can be written.
 */
export function createOutput(stream: OutputStream, name: string, onClosed: () => void = () => {}): Output {
  let closed = false;
  let trouble: RookeryError | undefined;
  const close = (cause?: unknown) => {
    if (closed) return;
    closed = true;
    if (cause instanceof Error && 'code' in cause && !goneAway.includes(String(cause.code)))
      trouble =
        fileTrouble(cause, name) ??
        new RookeryError('STORE_UNAVAILABLE', { detail: `${name}: ${cause.message}`, cause });
    onClosed();
  };
  stream.on('error', close);
  return {
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      // A terminal that was given no size says 0.
      return stream.columns || 80;
    },
    get closed() {
      return closed;
    },
    get trouble() {
      return trouble;
    },
    async write(text) {
      if (closed || stream.write(text)) return;
      await Promise.race([once(stream, 'drain'), once(stream, 'close')]).catch(close);
    },
    flush: () => (closed ? Promise.resolve() : new Promise((resolve) => void stream.write('', () => resolve()))),
  };
}
