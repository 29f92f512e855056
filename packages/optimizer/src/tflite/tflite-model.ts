import type { FlatTable } from './flatbuffer.ts';

/** TFLite's element types (`TensorType`) in the order of their codes, from 0. */
export const elementTypes = [
  'float32',
  'float16',
  'int32',
  'uint8',
  'int64',
  'string',
  'bool',
  'int16',
  'complex64',
  'int8',
  'float64',
  'complex128',
  'uint64',
  'resource',
  'variant',
  'uint32',
  'uint16',
  'int4',
  'bfloat16',
] as const;
export type ElementType = (typeof elementTypes)[number];

/** `(q - zeroPoint) * scale`: one pair, or one for each place of `axis`. */
export interface Quantisation {
  readonly scale: readonly number[];
  readonly zeroPoint: readonly number[];
  readonly axis: number;
}

export interface TfliteTensor {
  readonly index: number;
  readonly name: string;
  readonly shape: readonly number[];
  /** The shape with -1 where it is open. */
  readonly signature: readonly number[];
  readonly type: ElementType;
  readonly quantisation?: Quantisation;
  /** A constant's elements, as the file has them. */
  readonly bytes?: Uint8Array;
}

export interface TfliteOperator {
  /** Its place in the graph. */
  readonly index: number;
  readonly name: string;
  /** Of tensors; -1 for an optional one that is not given. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options: FlatTable | undefined;
}

/** What a TFLite file holds, as far as a classifier goes. */
export interface TfliteModel {
  readonly tensors: readonly TfliteTensor[];
  /** In the order in which they run. */
  readonly operators: readonly TfliteOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** What the metadata say about the input: `(pixel - mean) / std`, pixels from 0 to 255, one number or one a channel. */
  readonly normalisation?: { readonly mean: readonly number[]; readonly std: readonly number[] };
}
