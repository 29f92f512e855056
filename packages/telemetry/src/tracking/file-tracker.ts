import { appendFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolders } from '@rookery/contracts';
import { encodeTable } from './encode-table.ts';
import type { RunDescription, TableCell, TableRows, TrackedRow, TrackedRun, Tracker, TrackingLoss } from './tracker.ts';

export interface FileTrackerOptions {
  /** A folder for each run is made in it. */
  readonly folder: string;
  /** Rows that wait to be written; more are dropped. @default 1,000 */
  readonly maxWaiting?: number | undefined;
}

/** Rows of a table, the latest. */
const maxTableRows = 200;

/**
 * Runs as files: `<id>/run.json` (what it is), `history.jsonl` (a row a line, with `_step` and `_timestamp` in seconds), `tables/<name>.table.json`
 * (the latest rows, as W&B's client writes tables; their pictures beside it), `summary.json` (last values and how it ended). A disk that is full or gone costs rows, which are counted, and nothing else.
 */
export function fileTracker({ folder, maxWaiting = 1_000 }: FileTrackerOptions): Tracker {
  return { kind: 'file', start: (run) => new FileRun(join(folder, run.id), run, maxWaiting) };
}

class FileRun implements TrackedRun {
  readonly #folder: string;
  readonly #maxWaiting: number;
  readonly #startedAt = Date.now();
  #step = 0;
  #waiting = 0;
  #dropped = 0;
  #reason: string | undefined;
  #last: Promise<void>;
  #finished = false;
  readonly #tables = new Map<string, { rows: readonly (readonly TableCell[])[]; pictures: ReadonlySet<string> }>();

  constructor(folder: string, { config, ...run }: RunDescription, maxWaiting: number) {
    this.#folder = folder;
    this.#maxWaiting = maxWaiting;
    this.#last = this.#attempt(async () => {
      await makeFolders(join(folder, 'tables'));
      const startedAt = new Date(this.#startedAt).toISOString();
      await writeFile(join(folder, 'run.json'), `${JSON.stringify({ v: 1, ...run, startedAt, config }, null, 2)}\n`);
    });
  }

  get loss(): TrackingLoss {
    return { dropped: this.#dropped, reason: this.#reason };
  }

  log(row: TrackedRow): void {
    if (this.#finished) return;
    const line = JSON.stringify({ _step: this.#step++, _timestamp: Date.now() / 1000, ...row });
    this.#then(() => appendFile(join(this.#folder, 'history.jsonl'), `${line}\n`));
  }

  table(name: string, { columns, rows }: TableRows): void {
    if (this.#finished) return;
    const before = this.#tables.get(name) ?? { rows: [], pictures: new Set<string>() };
    const latest = [...before.rows, ...rows].slice(-maxTableRows);
    const { json, pictures } = encodeTable({ columns, rows: latest });
    this.#tables.set(name, { rows: latest, pictures: new Set(pictures.keys()) });
    const folder = join(this.#folder, 'tables');
    this.#then(async () => {
      for (const [path, bytes] of pictures) {
        if (before.pictures.has(path)) continue;
        await makeFolders(join(folder, dirname(path)));
        await writeFile(join(folder, path), bytes);
      }
      await put(join(folder, `${encodeURIComponent(name)}.table.json`), `${json}\n`);
      for (const path of before.pictures) if (!pictures.has(path)) await rm(join(folder, path), { force: true });
    });
  }

  async finish(summary: TrackedRow, { failed = false } = {}): Promise<void> {
    if (this.#finished) return this.#last;
    this.#finished = true;
    const state = failed ? 'failed' : 'finished';
    const runtime = (Date.now() - this.#startedAt) / 1000;
    const { dropped } = this.loss;
    const text = JSON.stringify({ state, steps: this.#step, _runtime: runtime, dropped, ...summary }, null, 2);
    this.#last = this.#last.then(() => this.#attempt(() => put(join(this.#folder, 'summary.json'), `${text}\n`)));
    await this.#last;
  }

  /** One after the other, and a bounded number of them. */
  #then(write: () => Promise<void>): void {
    if (this.#waiting >= this.#maxWaiting) {
      this.#dropped++;
      this.#reason = 'the disk is too slow';
      return;
    }
    this.#waiting++;
    this.#last = this.#last.then(() => this.#attempt(write)).finally(() => this.#waiting--);
  }

  async #attempt(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#dropped++;
      this.#reason = error instanceof Error ? error.message : String(error);
    }
  }
}

/** Whole or not at all. */
async function put(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}
