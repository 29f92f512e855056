import type { ErrorCode, ServingModel } from '@rookery/contracts';
import type { Classification, ClassifierOptions } from '@rookery/inference';

/** From the worker to the child process. */
export type ToChild =
  | { readonly kind: 'open'; readonly model: ServingModel; readonly options: IsolatedClassifierOptions }
  | { readonly kind: 'classify'; readonly id: number; readonly bytes: Uint8Array<ArrayBuffer>; readonly top: number };

/** From the child process to the worker. `begun` names a picture before anything touches it. */
export type FromChild =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unopened'; readonly code: ErrorCode; readonly detail: string }
  | { readonly kind: 'begun'; readonly id: number }
  | { readonly kind: 'labelled'; readonly id: number; readonly classification: Classification }
  | { readonly kind: 'failed'; readonly id: number; readonly code: ErrorCode; readonly detail: string };

/** Plain data. */
export type IsolatedClassifierOptions = Pick<
  ClassifierOptions,
  'threads' | 'batch' | 'device' | 'engine' | 'enginesFolder' | 'maxPixels'
>;
