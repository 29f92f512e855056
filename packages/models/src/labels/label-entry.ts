import { RookeryError } from '@rookery/contracts';

/** A label and where it stands, for messages. */
export interface LabelEntry {
  readonly index: number;
  readonly name: string;
  /** From 1; absent where the format has no lines to speak of. */
  readonly line?: number;
}

/** LABELS_INVALID as `file:line: why`. */
export const labelsInvalid = (fileName: string, line: number | undefined, why: string, cause?: unknown): RookeryError =>
  new RookeryError('LABELS_INVALID', { detail: `${fileName}${line === undefined ? '' : `:${line}`}: ${why}`, cause });
