import type { MessagePort } from 'node:worker_threads';
import type { ErrorCode, ExplainGraphs, ServingModel } from '@rookery/contracts';
import type { ClassifierTuning, GivenPixels } from './classifier.ts';
import type { Look } from './decode/look.ts';
import type { EngineFound } from './engine/port.ts';
import type { ExplainMethod } from './explain/explanation.ts';

/** What both threads of a unit are started with. */
export interface ThreadData {
  readonly model: ServingModel;
  readonly state: Int32Array<SharedArrayBuffer>;
  /** To the other thread. */
  readonly peer: MessagePort;
  /** Resized pictures on their way from decoder to engine: `slotCount` times height x width x 3 values of the model's input type. */
  readonly slots: SharedArrayBuffer;
  readonly slotCount: number;
}

export interface DecoderData extends ThreadData {
  readonly decoders: number;
  readonly budgetBytes: number;
  readonly maxPixels: number;
}

export interface EngineData extends ThreadData {
  readonly device: 'cpu' | number;
  readonly found: EngineFound;
  /** To run with, or to begin a measurement with. */
  readonly tuning: ClassifierTuning;
  /** What may be measured. */
  readonly measure: { readonly threads: boolean; readonly batch: boolean };
}

export interface DecodeStages {
  /** Milliseconds since the epoch, with fractions: threads count from different origins. */
  readonly acceptedAt: number;
  readonly startedAt: number;
  readonly decodedAt: number;
}

/** What the answer to a picture is to hold. */
export interface Wanted {
  readonly top: number;
  /** Also every class's score. */
  readonly scores: boolean;
  /** Also maps for so many of the best. */
  readonly explain: number;
}

/** A picture as a caller gives it: encoded, or as the values of the model's input. */
export type GivenPicture =
  | ({ readonly type: 'picture'; readonly bytes: Uint8Array<ArrayBuffer>; readonly isCut: boolean } & Wanted)
  | ({ readonly type: 'pixels'; readonly bytes: GivenPixels } & Wanted);

/** Main thread to decoder. */
export type DecoderRequest =
  | (GivenPicture & { readonly id: number })
  | { readonly type: 'drop'; readonly id: number }
  | { readonly type: 'stop' };

/** Main thread to engine: before the first picture that is to be explained, and the end. */
export type EngineRequest =
  | { readonly type: 'explain'; readonly graphs: ExplainGraphs | undefined }
  | { readonly type: 'stop' };

/** Decoder to engine. */
export interface ResizedPicture extends Wanted {
  readonly type: 'resized';
  readonly id: number;
  readonly slot: number;
  readonly width: number;
  readonly height: number;
  readonly look: Look;
  readonly stages: DecodeStages;
}

/** Decoder to engine: whether every decoder has something to do. */
export interface DecodersBusy {
  readonly type: 'decoders';
  readonly busy: boolean;
}

/** Engine to decoder: these slots have been read. */
export interface FreedSlots {
  readonly type: 'freed';
  readonly slots: readonly number[];
}

/** A picture's scores, best first. Indices and scores belong together. */
export interface Answer {
  readonly id: number;
  readonly width: number;
  readonly height: number;
  /** Empty where a score is not a number. */
  readonly indices: readonly number[];
  readonly scores: readonly number[];
  /** Where it was wanted: every class's score, by index. */
  readonly all?: Float32Array | undefined;
  readonly explained?: ExplainedAnswer | undefined;
  readonly look: Look;
  readonly timings: {
    readonly queueMs: number;
    readonly decodeMs: number;
    readonly batchMs: number;
    readonly inferMs: number;
    readonly batchSize: number;
    readonly topKMs: number;
  };
}

/** Maps in the order of the answer's indices, from 0 to 1 each. */
export interface ExplainedAnswer {
  readonly method: ExplainMethod;
  readonly rows: number;
  readonly columns: number;
  readonly maps: readonly Float32Array[];
  readonly error: number;
}

/** Why a picture, or a whole thread, failed. */
export interface Failure {
  readonly code: ErrorCode;
  readonly detail: string;
}

/** Either thread to the main thread. */
export type ThreadReport =
  | { readonly type: 'decoder-ready' }
  | { readonly type: 'engine-ready'; readonly tuning: ClassifierTuning }
  | { readonly type: 'answers'; readonly answers: readonly Answer[] }
  | { readonly type: 'failed'; readonly id: number; readonly failure: Failure }
  /** The main thread had given it up. */
  | { readonly type: 'dropped'; readonly id: number }
  /** The thread cannot work at all and ends. */
  | { readonly type: 'broken'; readonly failure: Failure };

export const now = (): number => performance.timeOrigin + performance.now();
