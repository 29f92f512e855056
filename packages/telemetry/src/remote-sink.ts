import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { FromThread, RemoteLogOptions, ToThread } from './remote/remote-options.ts';
import type { Sink } from './sink.ts';

/** What became of lines that were meant for a server. */
export interface RemoteTrouble {
  /** Why: the server's status, a code of the network, or what was too slow. */
  readonly reason: string;
  /** Lines that never got there, since this was last told. */
  readonly dropped: number;
}

const entry = new URL('../dist/remote-log-thread.js', import.meta.url);

/**
 * Lines to a server, by a thread that waits for it. Memory is bounded by what the server has not yet taken; beyond it lines are dropped.
 * `onTrouble` hears of a server that went away, once, and of what was dropped, once it is back or the program ends.
 */
export class RemoteSink implements Sink {
  readonly #options: RemoteLogOptions;
  readonly #onTrouble: (trouble: RemoteTrouble) => void;
  readonly #thread: Worker;
  readonly #ended: Promise<void>;
  readonly #maxHeldBytes: number;
  #turn: string[] = [];
  #held = 0;
  #heldLines = 0;
  #dropped = 0;
  #down: string | undefined;
  #gone = false;

  constructor(options: RemoteLogOptions, onTrouble: (trouble: RemoteTrouble) => void) {
    this.#options = options;
    this.#onTrouble = onTrouble;
    this.#maxHeldBytes = options.maxHeldBytes ?? 4 << 20;
    this.#thread = new Worker(entry, { workerData: options, execArgv: [] });
    this.#thread.unref();
    this.#ended = new Promise((resolve) => {
      this.#thread.on('message', (message: FromThread) => {
        if ('ended' in message) resolve();
        else this.#hear(message);
      });
      const gone = (why: string) => {
        if (this.#gone) return;
        this.#gone = true;
        this.#down = why;
        resolve();
      };
      this.#thread.on('error', (error) => gone(`its thread failed: ${error.message}`));
      this.#thread.on('exit', () => gone('its thread ended'));
    });
  }

  write(line: string): void {
    if (this.#gone || this.#held + line.length > this.#maxHeldBytes) {
      this.#dropped++;
      return;
    }
    this.#held += line.length;
    this.#heldLines++;
    if (this.#turn.push(line) === 1) queueMicrotask(() => this.#post());
  }

  /** The thread can't be waited for here; `close` can. */
  flushSync(): void {}

  async close(): Promise<void> {
    if (this.#gone) return;
    this.#post();
    this.#say({ end: true });
    const patience = new AbortController();
    const patient = sleep(this.#options.closeMs ?? 2_000, undefined, { signal: patience.signal }).catch(() => {});
    await Promise.race([this.#ended, patient]);
    patience.abort();
    this.#gone = true;
    await this.#thread.terminate();
    this.#dropped += this.#heldLines;
    this.#tellDropped(this.#down ?? 'the server was too slow');
  }

  #post(): void {
    if (this.#turn.length === 0) return;
    this.#say({ lines: this.#turn });
    this.#turn = [];
  }

  #say(message: ToThread): void {
    this.#thread.postMessage(message);
  }

  #hear(message: Exclude<FromThread, { ended: true }>): void {
    if ('down' in message) {
      if (this.#down === undefined) this.#onTrouble({ reason: message.down, dropped: 0 });
      this.#down = message.down;
      return;
    }
    const { sizeBytes, sent, refused } = message.done;
    this.#held -= sizeBytes;
    this.#heldLines -= sent + refused;
    this.#dropped += refused;
    this.#tellDropped(this.#down ?? 'the server was too slow');
    if (sent > 0) this.#down = undefined;
  }

  #tellDropped(reason: string): void {
    if (this.#dropped > 0) this.#onTrouble({ reason, dropped: this.#dropped });
    this.#dropped = 0;
  }
}
