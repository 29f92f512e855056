import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { asRookeryError, RookeryError } from '@rookery/contracts';
import { fileTrouble } from '../file-trouble.ts';
import type { Output } from '../ui/output.ts';

/** Where results go. */
export interface ResultSink {
  write(text: string): Promise<void>;
  /** All is written: the file gets its name. */
  commit(): Promise<void>;
  /** Leaves nothing half-written behind. Does nothing after `commit`. */
  discard(): Promise<void>;
}

export const outputSink = (output: Output): ResultSink => ({
  write: (text) => (text === '' ? Promise.resolve() : output.write(text)),
  commit: () => Promise.resolve(),
  discard: () => Promise.resolve(),
});

/** A file that appears whole: written beside its place first. What is there and is no file (`/dev/stdout`, a fifo) is written to as it is. */
export async function fileSink(path: string): Promise<ResultSink> {
  const existing = await stat(path).catch(() => undefined);
  if (existing?.isDirectory()) throw new RookeryError('USAGE', { detail: `--output ${path}: this is a folder` });
  const direct = existing !== undefined && !existing.isFile();
  const written = direct ? path : `${path}.${process.pid}.part`;
  const stream = createWriteStream(written);
  const failed = (cause: unknown) =>
    fileTrouble(cause, `--output ${path}`) ??
    new RookeryError('STORE_UNAVAILABLE', { detail: `--output ${path}: ${String(cause)}`, cause });
  let error: RookeryError | undefined;
  stream.on('error', (cause) => {
    error = failed(cause);
  });
  await once(stream, 'open').catch((cause: unknown) => {
    throw failed(cause);
  });
  let done = false;
  return {
    async write(text) {
      if (error) throw error;
      if (text === '' || stream.write(text)) return;
      await once(stream, 'drain').catch((cause: unknown) => {
        throw error ?? asRookeryError(cause, 'STORE_UNAVAILABLE');
      });
    },
    async commit() {
      if (error) throw error;
      await new Promise<void>((resolve, reject) =>
        stream.end((cause?: Error | null) => (cause ? reject(failed(cause)) : resolve())),
      );
      if (!direct) await rename(written, path);
      done = true;
    },
    async discard() {
      if (done) return;
      stream.destroy();
      if (!direct) await rm(written, { force: true });
    },
  };
}
