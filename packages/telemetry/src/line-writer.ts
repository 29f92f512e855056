import { write, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sink } from './sink.ts';

/** Where a `LineWriter` writes to. */
export interface LineTarget {
  readonly fd: number;
  /** Called between two writes with the bytes of the next one: the moment to turn to another file. */
  before(bytes: number): void;
  close(): void;
}

export interface LineWriterOptions {
  /** Held for a slow disk or reader; what does not fit is dropped and counted. Bytes. */
  readonly maxHeldBytes?: number;
  /** The line that tells how many were dropped, once lines can be written again. */
  readonly droppedLine: (count: number) => string;
}

/** A reader that takes nothing holds up the end of the process no longer than this. */
const patienceMs = 2_000;
/** How long to wait for a full pipe. */
const retryMs = 20;

/**
 * Writes lines to a file descriptor, one write at a time with all that came in meanwhile, in libuv's threads. Memory is bounded. After
 * a broken pipe it says nothing more; after any other failure, such as a full disk, the lines of that write are dropped and the next
 * ones tried. A reader that takes nothing holds one of libuv's threads, and an app that ends by itself waits for it: apps end with
 * `process.exit`.
 */
export class LineWriter implements Sink {
  readonly #target: LineTarget;
  readonly #options: LineWriterOptions;
  readonly #maxHeldBytes: number;
  #held: string[] = [];
  #heldBytes = 0;
  #dropped = 0;
  #broken = false;
  /** The last write ended in the middle of a line. */
  #torn = false;
  #writing: Promise<void> | undefined;
  #writingSince: number | undefined;

  constructor(target: LineTarget, options: LineWriterOptions) {
    this.#target = target;
    this.#options = options;
    this.#maxHeldBytes = options.maxHeldBytes ?? 4 << 20;
  }

  write(line: string): void {
    if (this.#broken) return;
    if (this.#heldBytes + line.length > this.#maxHeldBytes) {
      this.#dropped++;
      return;
    }
    this.#held.push(line);
    this.#heldBytes += line.length;
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = undefined;
    });
  }

  flushSync(): void {
    // A write that has hung this long says that another one would hold up the end of the process.
    const hung = this.#writingSince !== undefined && Date.now() - this.#writingSince > patienceMs;
    if (this.#held.length === 0 || this.#broken || hung) return;
    const until = Date.now() + patienceMs;
    let { chunk } = this.#take();
    while (chunk.length > 0 && Date.now() < until) {
      try {
        chunk = chunk.subarray(writeSync(this.#target.fd, chunk));
      } catch (error) {
        if (!isFull(error)) return;
        // The process is about to end: nothing else waits for this thread.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs);
      }
    }
  }

  async close(): Promise<void> {
    const patience = new AbortController();
    await Promise.race([this.#writing, sleep(patienceMs, undefined, { signal: patience.signal }).catch(() => {})]);
    patience.abort();
    this.#broken = true;
    // A write that still hangs keeps its descriptor: the number might be another file's before it ends.
    if (!this.#writing) this.#target.close();
  }

  async #drain(): Promise<void> {
    // Whatever is logged in the same turn goes into the same write.
    await Promise.resolve();
    while (this.#held.length > 0 && !this.#broken) {
      const { chunk, lines } = this.#take();
      try {
        this.#target.before(chunk.length);
        this.#writingSince = Date.now();
        await this.#writeAll(chunk);
      } catch (error) {
        this.#broken = ['EPIPE', 'EBADF', 'ECONNRESET'].includes(codeOf(error));
        this.#dropped += lines;
      } finally {
        this.#writingSince = undefined;
      }
    }
  }

  async #writeAll(chunk: Buffer): Promise<void> {
    for (let rest = chunk; rest.length > 0; ) {
      try {
        const written = await writeOnce(this.#target.fd, rest);
        if (written > 0) this.#torn = rest[written - 1] !== lineFeed;
        rest = rest.subarray(written);
      } catch (error) {
        if (!isFull(error) || this.#broken) throw error;
        await sleep(retryMs);
      }
    }
  }

  #take(): { chunk: Buffer; lines: number } {
    if (this.#dropped > 0) {
      this.#held.unshift(this.#options.droppedLine(this.#dropped));
      this.#dropped = 0;
    }
    const lines = this.#held.length;
    // What was torn off must not spoil the line that comes after it.
    const chunk = Buffer.from(`${this.#torn ? '\n' : ''}${this.#held.join('')}`);
    this.#held = [];
    this.#heldBytes = 0;
    return { chunk, lines };
  }
}

const lineFeed = 10;

const writeOnce = (fd: number, bytes: Buffer): Promise<number> =>
  new Promise((resolve, reject) => {
    write(fd, bytes, (error, written) => (error ? reject(error) : resolve(written)));
  });

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** A pipe whose reader is slow, in non-blocking mode. */
const isFull = (error: unknown): boolean => codeOf(error) === 'EAGAIN';
