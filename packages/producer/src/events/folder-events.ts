import { type FSWatcher, watch } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pause } from '@rookery/contracts';
import type { Logger } from '@rookery/telemetry';
import type { BucketEvent } from './bucket-event.ts';
import type { EventMessage, EventSource } from './event-source.ts';

export interface FolderEventsOptions {
  readonly folder: string;
  /** A file counts once its size and time have not changed for so long: whoever copies it is done. */
  readonly settleMs?: number | undefined;
  /** The whole folder is looked through this often at most; its share of the time stays below a twentieth. @default 2000 */
  readonly scanEveryMs?: number | undefined;
  readonly log: Logger;
}

interface FolderMessage extends EventMessage {
  readonly key: string;
  /** Size and time when it was told; `undefined`: it is gone. */
  readonly state: string | undefined;
}

const tickMs = 200;
const scanShare = 20;
const maxMessages = 64;

/**
 * Events of a folder and everything below it, for `rookery up`. `fs.watch` says where to look; looking through everything now and then
 * finds what it missed (network file systems, overflows, new folders). Names that begin with a dot are others' unfinished business. As in
 * a listing, links to folders are not followed (they may form circles), and links that lead out of the folder are nobody's pictures.
 * What is there at the start is known: `reconcileLabels` compares it with the labels.
 */
export async function openFolderEvents(options: FolderEventsOptions): Promise<FolderEvents> {
  const events = new FolderEvents(options);
  await events.open();
  return events;
}

export class FolderEvents implements EventSource {
  /** As tasks name it: `file:///folder`. */
  readonly bucket: string;
  /** Key to size and time, as told. */
  readonly #known = new Map<string, string>();
  /** Seen changing: state and since when. */
  readonly #settling = new Map<string, { state: string; since: number }>();
  readonly #pending = new Map<string, FolderMessage>();
  /** Changed while their message was under way. */
  readonly #changed = new Set<string>();
  #watcher: FSWatcher | undefined;
  /** Where the folder really lies. */
  #root = '';
  #nextScanAt = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: FolderEventsOptions) {
    this.bucket = pathToFileURL(options.folder).href;
  }

  /** Takes what is there as known. */
  async open(): Promise<void> {
    try {
      this.#watcher = watch(this.options.folder, { recursive: true, persistent: false }, (_kind, name) => {
        if (name !== null) this.#suspect(name.split(sep).join('/'));
      });
      this.#watcher.on('error', (err) =>
        this.options.log.warn({ err }, 'the folder is only looked through from time to time'),
      );
    } catch (err) {
      this.options.log.warn({ err }, 'the folder is only looked through from time to time');
    }
    const startedAt = performance.now();
    this.#root = await realpath(this.options.folder);
    for await (const [key, state] of this.#files('')) this.#known.set(key, state);
    this.#planScan(startedAt);
  }

  /** One call after the other, however many wait: each sees what the one before has left. */
  receive(signal: AbortSignal): Promise<readonly EventMessage[]> {
    const turn = this.#turn.then(() => this.#receive(signal));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async done(messages: readonly EventMessage[]): Promise<void> {
    for (const { key, state } of messages as readonly FolderMessage[]) {
      this.#pending.delete(key);
      if (state === undefined) this.#known.delete(key);
      else this.#known.set(key, state);
      if (this.#changed.delete(key)) this.#suspect(key);
    }
  }

  async again(messages: readonly EventMessage[]): Promise<void> {
    for (const { key } of messages as readonly FolderMessage[]) {
      this.#pending.delete(key);
      this.#changed.delete(key);
      this.#suspect(key);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watcher?.close();
    await this.#turn;
  }

  async #receive(signal: AbortSignal): Promise<readonly EventMessage[]> {
    const until = performance.now() + 5_000;
    for (;;) {
      if (signal.aborted) return [];
      if (performance.now() >= this.#nextScanAt) await this.#scan();
      const messages = await this.#settled();
      if (messages.length > 0 || performance.now() > until) return messages;
      await pause(tickMs, signal);
    }
  }

  #suspect(key: string): void {
    if (isHidden(key)) return;
    if (this.#pending.has(key)) this.#changed.add(key);
    else if (!this.#settling.has(key)) this.#settling.set(key, { state: '', since: performance.now() });
  }

  async #settled(): Promise<readonly EventMessage[]> {
    const { settleMs = 500 } = this.options;
    const messages: EventMessage[] = [];
    const vanished = new Set<string>();
    for (const [key, seen] of [...this.#settling]) {
      if (messages.length >= maxMessages) break;
      const now = performance.now();
      const state = await this.#stateOf(key);
      if (state === 'folder') {
        // A folder that was moved in: its files were never seen changing.
        this.#settling.delete(key);
        for await (const [file, its] of this.#files(key)) if (this.#known.get(file) !== its) this.#suspect(file);
      } else if (state === undefined) {
        this.#settling.delete(key);
        if (this.#known.has(key)) messages.push(this.#message(key, undefined));
        else vanished.add(key);
      } else if (state !== seen.state) {
        this.#settling.set(key, { state, since: now });
      } else if (now - seen.since >= settleMs) {
        this.#settling.delete(key);
        if (this.#known.get(key) !== state) messages.push(this.#message(key, state));
      }
    }
    if (vanished.size > 0) this.#suspectBelow(vanished);
    return messages;
  }

  /** A folder that was moved away or removed may be told by its own name alone. */
  #suspectBelow(folders: ReadonlySet<string>): void {
    for (const key of [...this.#known.keys(), ...this.#pending.keys()])
      for (let slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1))
        if (folders.has(key.slice(0, slash))) this.#suspect(key);
  }

  #message(key: string, state: string | undefined): FolderMessage {
    const event: BucketEvent = { kind: state === undefined ? 'removed' : 'created', bucket: this.bucket, key };
    const message: FolderMessage = {
      id: key,
      text: JSON.stringify(event),
      parse: () => ({ events: [event], malformed: [] }),
      key,
      state,
    };
    this.#pending.set(key, message);
    return message;
  }

  async #scan(): Promise<void> {
    const startedAt = performance.now();
    const gone = new Set(this.#known.keys());
    try {
      for await (const [key, state] of this.#files('')) {
        gone.delete(key);
        if (this.#known.get(key) !== state) this.#suspect(key);
      }
      for (const key of gone) this.#suspect(key);
    } finally {
      this.#planScan(startedAt);
    }
  }

  #planScan(startedAt: number): void {
    const { scanEveryMs = 2_000 } = this.options;
    const now = performance.now();
    this.#nextScanAt = now + Math.max(scanEveryMs, scanShare * (now - startedAt));
  }

  async *#files(below: string): AsyncGenerator<[key: string, state: string]> {
    const entries = await readdir(join(this.options.folder, below), { withFileTypes: true }).catch((error) => {
      if (below === '') throw error;
      // It went away meanwhile.
      return [];
    });
    for (const entry of entries) {
      const key = below === '' ? entry.name : `${below}/${entry.name}`;
      if (isHidden(key)) continue;
      if (entry.isDirectory()) yield* this.#files(key);
      else {
        const state = await this.#stateOf(key);
        if (state !== undefined && state !== 'folder') yield [key, state];
      }
    }
  }

  /** Size and time of a file; `undefined` where there is none. */
  async #stateOf(key: string): Promise<string | undefined> {
    const path = join(this.options.folder, key);
    try {
      const own = await lstat(path);
      if (own.isDirectory()) return 'folder';
      if (own.isSymbolicLink() && !(await realpath(path)).startsWith(this.#root + sep)) return undefined;
      const stats = own.isSymbolicLink() ? await stat(path) : own;
      return stats.isFile() ? `${stats.size}-${stats.mtimeMs}` : undefined;
    } catch {
      return undefined;
    }
  }
}

const isHidden = (key: string): boolean => key.split('/').some((part) => part.startsWith('.'));
