import type { ErrorCode, Prediction } from '@rookery/contracts';
import type { Explanation } from '@rookery/inference';

/** A picture to be read, or one that is already known to be unreadable. */
export interface Source {
  /** As the results name it: what the user wrote, or what a folder, a pattern or a listing gave. */
  readonly name: string;
  /** For what is written beside the results. */
  readonly fileName?: string | undefined;
  /** Reads all of it; may be called again. @throws {RookeryError} SOURCE_* and URL_*. */
  read(options: ReadOptions): Promise<Uint8Array<ArrayBuffer>>;
}

export interface ReadOptions {
  readonly signal: AbortSignal;
  /** To be awaited once before bytes are held: resolves when there is room for them. */
  reserve(bytes: number): Promise<void>;
}

/** Milliseconds of one picture. */
export interface StageTimes {
  readonly read: number;
  readonly decode: number;
  /** For a decoder, memory, the engine. */
  readonly wait: number;
  /** Its share of the batch. */
  readonly infer: number;
  /** Finding the labels, and handing pixels and scores over. */
  readonly topK: number;
}

/** What became of one source. */
export type Outcome = Labelled | Failed;

export interface Labelled {
  readonly source: string;
  readonly width: number;
  readonly height: number;
  readonly predictions: readonly Prediction[];
  /** Where it was asked for; never part of results. */
  readonly explanation?: Explanation | undefined;
  readonly times: StageTimes;
  readonly error?: undefined;
}

export interface Failed {
  readonly source: string;
  readonly error: { readonly code: ErrorCode; readonly message: string };
  /** For people and logs; never part of results. */
  readonly detail: string;
}
