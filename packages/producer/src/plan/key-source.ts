import type { ResultLine, TaskItem } from '@rookery/contracts';

/** Where a source goes on: what a task file keeps as `resume`. */
export interface SourcePosition {
  /** Tasks and pictures before it. */
  readonly seq: number;
  readonly taken: number;
  /** Listings go on after this key, lists at this byte; shards in this one, at this byte, while its etag is this. */
  readonly afterKey?: string | undefined;
  readonly offset?: number | undefined;
  readonly etag?: string | undefined;
}

export const sourceStart: SourcePosition = { seq: 0, taken: 0 };

/** A picture that a source names. */
export interface SourceEntry {
  readonly item: TaskItem;
  /** Where the source tells. */
  readonly sizeBytes?: number | undefined;
  readonly lastModified?: Date | undefined;
  /** Where to go on after it. */
  readonly next: Pick<SourcePosition, 'afterKey' | 'offset' | 'etag'>;
  /** Taken over from an earlier job: nothing is left to do. */
  readonly line?: ResultLine | undefined;
}

/** A stream of pictures that can be left and taken up again. Entries come in pieces, since a million single steps would cost seconds. */
export interface KeySource {
  /** Whether keys come in the order of their UTF-8 bytes. */
  readonly sorted: boolean;
  entries(from: SourcePosition, signal?: AbortSignal): AsyncIterable<readonly SourceEntry[]>;
}
