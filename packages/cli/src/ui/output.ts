import { once } from 'node:events';

/** Text to a stream, with back-pressure, that survives a reader who went away (`| head`). */
export interface Output {
  readonly isTTY: boolean;
  /** Characters a line; 80 where there is no terminal. */
  readonly columns: number;
  /** Resolves when more may be written. Awaiting it keeps memory flat; resolves at once after the reader went away. */
  write(text: string): Promise<void>;
  /** The reader went away: whatever is written now is dropped. */
  readonly closed: boolean;
  /** Everything that was written has left the process. */
  flush(): Promise<void>;
}

export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** @param onClosed called once, when the reader went away. */
export function createOutput(stream: OutputStream, onClosed: () => void = () => {}): Output {
  let closed = false;
  const close = () => {
    if (!closed) onClosed();
    closed = true;
  };
  stream.on('error', close);
  return {
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns ?? 80;
    },
    get closed() {
      return closed;
    },
    async write(text) {
      if (closed || stream.write(text)) return;
      await Promise.race([once(stream, 'drain'), once(stream, 'close')]).catch(close);
    },
    flush: () => (closed ? Promise.resolve() : new Promise((resolve) => void stream.write('', () => resolve()))),
  };
}
