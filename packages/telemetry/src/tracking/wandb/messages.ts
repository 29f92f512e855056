import type { RunDescription, TrackedRow, TrackingLoss } from '../tracker.ts';
import type { SpooledTable } from './spooled-table.ts';

/** How the server is spoken to. The key travels to the child process and is never written down. */
export interface WandbTrackerOptions {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly project: string;
  /** The key's own where nothing is said. */
  readonly entity?: string | undefined;
  /** What is not yet sent lies here, a folder a run. */
  readonly spoolFolder: string;
  /** Of one run's requests that wait. @default 64 MiB */
  readonly maxSpoolBytes?: number | undefined;
  /** Keep everything until somebody asks for it to be sent. */
  readonly offline?: boolean | undefined;
}

/** How a run begins, for the child. */
export interface WandbRunStart extends RunDescription {
  readonly options: WandbTrackerOptions;
  readonly host: string;
}

/** Tracked process to child. */
export type ToChild =
  | { readonly kind: 'start'; readonly run: WandbRunStart }
  | { readonly kind: 'log'; readonly row: TrackedRow }
  | { readonly kind: 'table'; readonly table: SpooledTable }
  | { readonly kind: 'finish'; readonly summary: TrackedRow; readonly exitCode: number };

/** Child to tracked process: now and then how it stands, and last that everything has been sent or kept. */
export type FromChild =
  | { readonly kind: 'loss'; readonly loss: TrackingLoss }
  | { readonly kind: 'ended'; readonly waitingBytes: number };
