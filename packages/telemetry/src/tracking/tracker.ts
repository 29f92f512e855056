/*
 * Terms, as in Weights & Biases
 *
 * - run: what one process did from its start to its end: a configuration, a history, a summary.
 * - history: rows of figures, one an interval, in order.
 * - group: runs that belong together, such as the workers of a deployment.
 */

/** How often values fell between edges: `counts[i]` is for `edges[i]` up to `edges[i + 1]`. */
export interface HistogramValue {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

export type TrackedValue = number | string | HistogramValue;

/** Figures by name; `/` makes sections: `stage/infer/p50_ms`. */
export type TrackedRow = Readonly<Record<string, TrackedValue>>;

/** A small picture in a table. */
export interface TablePicture {
  readonly jpeg: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export type TableCell = string | number | null | TablePicture;

/** Of each column the cells are of one kind, or `null`. */
export interface TableRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly TableCell[])[];
}

export interface RunDescription {
  /** Of this run alone: lower-case letters, digits and hyphens. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly group?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  /** For people: what is different this time. */
  readonly notes?: string | undefined;
  /** `worker` where nothing is said. */
  readonly jobType?: string | undefined;
  /** What was asked for, what machine it is, which model. Plain data. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** What became of rows that did not arrive, so far. */
export interface TrackingLoss {
  readonly dropped: number;
  /** Why the last one was, or what stands in the way now. */
  readonly reason: string | undefined;
}

/** A run that goes on. Nothing here throws or waits for a server: tracking never hurts what it tracks. */
export interface TrackedRun {
  /** One row of the history. */
  log(row: TrackedRow): void;
  /** Rows for people to look at, of the time since the last ones under the same name. They belong to the next row of the history. */
  table(name: string, rows: TableRows): void;
  readonly loss: TrackingLoss;
  /** Ends the run with its last values. Resolves within a few seconds, whatever the server does. */
  finish(summary: TrackedRow, options?: { readonly failed?: boolean }): Promise<void>;
}

/** Where runs are kept: `none`, files, Weights & Biases. */
export interface Tracker {
  readonly kind: 'none' | 'file' | 'wandb';
  start(run: RunDescription): TrackedRun;
}

/** Keeps nothing. */
export const noTracker: Tracker = {
  kind: 'none',
  start: () => ({
    log: () => {},
    table: () => {},
    loss: { dropped: 0, reason: undefined },
    finish: async () => {},
  }),
};
