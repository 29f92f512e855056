import { type ChildProcess, fork } from 'node:child_process';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RunDescription, TableRows, TrackedRow, TrackedRun, Tracker, TrackingLoss } from './tracking/tracker.ts';
import type { FromChild, ToChild, WandbTrackerOptions } from './tracking/wandb/messages.ts';
import { spooledTable } from './tracking/wandb/spooled-table.ts';

const entry = fileURLToPath(new URL('../dist/wandb-child.js', import.meta.url));
/** Rows on their way to the child; more are dropped. */
const maxUnread = 1_000;
/** The child has five seconds to send the last rows. */
const patienceMs = 8_000;

/**
 * Runs in Weights & Biases. The official client has a process of its own, which dies with this one's channel; a server that is down, slow or
 * refuses the key is its business alone.
 */
export function wandbTracker(options: WandbTrackerOptions): Tracker {
  return { kind: 'wandb', start: (run) => new WandbRun(options, run) };
}

class WandbRun implements TrackedRun {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #unread = 0;
  #gone = false;
  /** Dropped on this side of the channel. */
  #dropped = 0;
  #ofChild: TrackingLoss = { dropped: 0, reason: undefined };

  constructor(options: WandbTrackerOptions, run: RunDescription) {
    this.#child = fork(entry, [], {
      // Of a process group of its own: what a terminal sends to the group is not for it.
      detached: true,
      execArgv: [],
      serialization: 'json',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: {},
    });
    this.#child.unref();
    this.#child.channel?.unref();
    this.#ended = new Promise((resolve) => {
      const gone = (why: string): void => {
        this.#gone = true;
        this.#ofChild = { ...this.#ofChild, reason: this.#ofChild.reason ?? why };
        resolve();
      };
      this.#child.on('error', (error) => gone(error.message));
      this.#child.on('exit', (code) => gone(`the process of the client ended with ${code}`));
      this.#child.on('message', (message: FromChild) => {
        if (message.kind === 'loss') this.#ofChild = message.loss;
        else resolve();
      });
    });
    this.#say({ kind: 'start', run: { ...run, options, host: hostname() } });
  }

  get loss(): TrackingLoss {
    const { dropped, reason } = this.#ofChild;
    return { dropped: this.#dropped + dropped, reason };
  }

  log(row: TrackedRow): void {
    if (!this.#say({ kind: 'log', row })) this.#dropped++;
  }

  table(name: string, rows: TableRows): void {
    if (!this.#say({ kind: 'table', table: spooledTable(name, rows) })) this.#dropped++;
  }

  async finish(summary: TrackedRow, { failed = false } = {}): Promise<void> {
    if (!this.#say({ kind: 'finish', summary, exitCode: failed ? 1 : 0 })) return;
    const patience = new AbortController();
    await Promise.race([this.#ended, sleep(patienceMs, undefined, { signal: patience.signal }).catch(() => {})]);
    patience.abort();
    if (this.#child.connected) this.#child.disconnect();
  }

  #say(message: ToChild): boolean {
    if (this.#gone || !this.#child.connected || this.#unread >= maxUnread) return false;
    this.#unread++;
    this.#child.send(message, () => this.#unread--);
    return true;
  }
}
