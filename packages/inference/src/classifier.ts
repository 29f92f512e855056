import type { Digest, Pin, Prediction } from '@rookery/contracts';
import type { Look } from './decode/look.ts';
import type { Explanation } from './explain/explanation.ts';

export interface ClassifyOptions {
  /** Labels to return, most probable first. */
  top: number;
  /** Gives the work up: waiting for a place, decoding, waiting for a batch. What a batch already holds is computed and dropped. */
  signal?: AbortSignal | undefined;
  /** Also the score of every class. Default: only the best. */
  scores?: boolean | undefined;
  /**
   * The bytes are what `pictureNeed` made of a picture's first ones. PICTURE_CORRUPT then also says that all of it is needed after all: ask
   * again with the whole. Default: they are the whole.
   */
  isCut?: boolean | undefined;
  /** Also where the model looked, for so many of the best labels. Default: none. */
  explain?: number | undefined;
}

/** Where the time of one picture went. Milliseconds. */
export interface PictureTimings {
  /** Waiting for a decoder or memory. */
  readonly queueMs: number;
  readonly decodeMs: number;
  /** Decoded, waiting for the engine. */
  readonly batchMs: number;
  /** The batch that it was part of. */
  readonly inferMs: number;
  readonly batchSize: number;
  /** Finding this picture's best labels among its scores. */
  readonly topKMs: number;
}

export interface Classification {
  /** Pixels, after EXIF orientation. */
  readonly width: number;
  readonly height: number;
  /** Ordered by score, ties by index; scores rounded to six decimals. */
  readonly predictions: readonly Prediction[];
  /** Where they were asked for: one for each class in index order, rounded to six decimals. */
  readonly scores?: Float32Array | undefined;
  /** Where it was asked for. */
  readonly explanation?: Explanation | undefined;
  /** Of the model's input; only what really decoded has it. */
  readonly look?: Look | undefined;
  readonly timings: PictureTimings;
}

/** RGB values from 0 to 255, whole or with fractions. */
export type GivenPixels = Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

export interface ClassifierLoad {
  /** Pictures accepted and not yet answered. */
  readonly pending: number;
  /** Of these, encoded bytes held. */
  readonly pendingBytes: number;
}

/** What was chosen for this machine, and where from. */
export interface ClassifierTuning {
  readonly threads: number;
  readonly batch: number;
  readonly source: 'explicit' | 'measured' | 'cached' | 'default';
}

/**
 * One warm model. Callers share its batches; a lone caller never waits for a batch to fill while the engine is idle. The same bytes
 * and pin give the same predictions, whatever else is in the batch. Disposing finishes nothing: what is pending is rejected with
 * ABORTED.
 */
export interface Classifier extends AsyncDisposable {
  readonly pin: Pin;
  /** Digest of the pin: `model` in result lines. */
  readonly model: Digest;
  readonly labels: readonly string[];
  readonly tuning: ClassifierTuning;
  /**
   * Labels one encoded picture. The bytes' buffer is transferred where the view covers all of it: do not use it afterwards.
   * @throws {RookeryError} PICTURE_EMPTY, PICTURE_CORRUPT, PICTURE_TOO_LARGE, UNSUPPORTED_FORMAT, SCORE_NOT_A_NUMBER for the picture;
   * ENGINE_FAILED where the engine's thread died or hung (it is replaced; try again); ABORTED.
   */
  classify(picture: Uint8Array<ArrayBuffer>, options: ClassifyOptions): Promise<Classification>;
  /**
   * Labels one picture that somebody else decoded and resized, in the same batches: height x width x 3 values of the model's input size,
   * RGB from 0 to 255, rows from the top. Fractions are kept where the model takes them and rounded where it does not. The buffer is
   * transferred as in `classify`; `width` and `height` of the answer are those of the input.
   * @throws {RookeryError} USAGE for another number of values; PICTURE_CORRUPT for one that is not from 0 to 255; else as `classify`.
   */
  classifyPixels(pixels: GivenPixels, options: ClassifyOptions): Promise<Classification>;
  load(): ClassifierLoad;
}
