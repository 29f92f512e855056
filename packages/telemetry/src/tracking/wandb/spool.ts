import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** A request as it is kept: for `/graphql`, for a run's file stream, or a table that takes several. */
export interface SpooledRequest {
  readonly path: string;
  readonly body: string;
}

/** What a spool's run is, for whoever sends the rest after a restart. Never the key. */
export interface SpooledRun {
  readonly v: 1;
  readonly id: string;
  readonly name: string;
  readonly baseUrl: string;
  /** `undefined`: that of whoever sends it first. */
  readonly entity?: string | undefined;
  readonly project: string;
  readonly createdAt: string;
}

export interface SpoolState {
  /** Of `requests.jsonl`: what lies before it has arrived. */
  readonly sentBytes: number;
  /** Lines that the server has of each file: where the next chunk goes. */
  readonly lines: Readonly<Record<string, number>>;
  /** Where what has arrived went: the rest goes there too. */
  readonly entity?: string | undefined;
  readonly droppedLines: number;
  /** Why the last of them were. */
  readonly dropReason?: string | undefined;
  /** Of the last attempt, where it failed. */
  readonly trouble?: string | undefined;
}

/** What has arrived leaves the disk as soon as nothing waits and it takes so much. Bytes. */
const sweepBytes = 1 << 20;

const emptyState: SpoolState = { sentBytes: 0, lines: {}, droppedLines: 0 };

/**
 * Requests on disk, in order: appended on one side, taken off on the other once they have arrived. Bounded: what does not fit is dropped and
 * counted. Synchronous, for a process that does nothing else.
 */
export class Spool {
  readonly #file: number;
  #size: number;
  #state: SpoolState;

  constructor(
    readonly folder: string,
    readonly maxBytes: number,
  ) {
    const path = join(folder, 'requests.jsonl');
    this.#file = openSync(path, 'a+');
    this.#size = statSync(path).size;
    this.#state = readState(folder);
    // Killed while it was swept: the file was emptied, its state not yet told.
    if (this.#state.sentBytes > this.#size) this.#state = { ...this.#state, sentBytes: 0 };
    this.#cutTornLine();
  }

  /** What it was made for. */
  get run(): SpooledRun {
    return JSON.parse(readFileSync(join(this.folder, 'run.json'), 'utf8')) as SpooledRun;
  }

  get state(): SpoolState {
    return this.#state;
  }

  get waitingBytes(): number {
    return this.#size - this.#state.sentBytes;
  }

  /** @returns whether there was room. */
  add(request: SpooledRequest, lines: number): boolean {
    const text = `${JSON.stringify(request)}\n`;
    const bytes = Buffer.byteLength(text);
    if (this.waitingBytes + bytes > this.maxBytes) return this.#drop(lines, 'the spool is full');
    try {
      writeFileSync(this.#file, text);
      fsyncSync(this.#file);
    } catch (error) {
      this.#takeBack();
      return this.#drop(lines, error instanceof Error ? error.message : String(error));
    }
    this.#size += bytes;
    return true;
  }

  /** Half a line would spoil the one after it. */
  #takeBack(): void {
    try {
      ftruncateSync(this.#file, this.#size);
    } catch {
      // What cannot be read is dropped where it is read.
    }
  }

  #drop(lines: number, dropReason: string): false {
    this.#save({ droppedLines: this.#state.droppedLines + lines, dropReason });
    return false;
  }

  /** The oldest that has not arrived, and how many bytes it takes. */
  first(): { readonly request: SpooledRequest; readonly bytes: number } | undefined {
    for (let line = this.#firstLine(); line; line = this.#firstLine()) {
      const bytes = line.length + 1;
      const request = requestIn(line);
      if (request) return { request, bytes };
      this.done(bytes, { droppedLines: this.#state.droppedLines + 1, dropReason: 'it lay unreadable in the spool' });
    }
    return undefined;
  }

  #firstLine(): Buffer | undefined {
    if (this.waitingBytes === 0) return undefined;
    const parts: Buffer[] = [];
    for (let at = this.#state.sentBytes; at < this.#size; ) {
      const chunk = Buffer.alloc(Math.min(65_536, this.#size - at));
      const read = readSync(this.#file, chunk, 0, chunk.length, at);
      if (read === 0) break;
      const end = chunk.subarray(0, read).indexOf(10);
      parts.push(chunk.subarray(0, end < 0 ? read : end));
      if (end >= 0) return Buffer.concat(parts);
      at += read;
    }
    return undefined;
  }

  /** The first one has arrived, or never will. */
  done(bytes: number, change: Partial<Omit<SpoolState, 'sentBytes'>> = {}): void {
    const sentBytes = this.#state.sentBytes + bytes;
    const sweep = sentBytes === this.#size && sentBytes > sweepBytes;
    if (sweep) {
      ftruncateSync(this.#file, 0);
      this.#size = 0;
    }
    this.#save({ ...change, trouble: undefined, sentBytes: sweep ? 0 : sentBytes });
  }

  troubled(trouble: string): void {
    if (trouble !== this.#state.trouble) this.#save({ trouble });
  }

  close(): void {
    closeSync(this.#file);
  }

  #save(change: Partial<SpoolState>): void {
    this.#state = { ...this.#state, ...change };
    const path = join(this.folder, 'state.json');
    try {
      writeFileSync(`${path}.new`, JSON.stringify(this.#state));
      renameSync(`${path}.new`, path);
    } catch {
      // A disk that is full: it is told with the next change. What is sent again for want of it is known by its place.
    }
  }

  /** A process that was killed while it wrote leaves half a line: it was never answered, so nobody counts on it. */
  #cutTornLine(): void {
    if (this.waitingBytes === 0) return;
    const text = readFileSync(join(this.folder, 'requests.jsonl'));
    const end = text.lastIndexOf(10) + 1;
    if (end === text.length) return;
    writeFileSync(join(this.folder, 'requests.jsonl'), text.subarray(0, end));
    this.#size = end;
  }
}

function requestIn(line: Buffer): SpooledRequest | undefined {
  try {
    return JSON.parse(line.toString()) as SpooledRequest;
  } catch {
    return undefined;
  }
}

export function readState(folder: string): SpoolState {
  const path = join(folder, 'state.json');
  return existsSync(path) ? { ...emptyState, ...(JSON.parse(readFileSync(path, 'utf8')) as SpoolState) } : emptyState;
}
