import { RookeryError, roundScore } from '@rookery/contracts';
import { packElements, unpackElements } from './byte-elements.ts';
import { eachValue } from './json-values.ts';

/** The datatypes of the protocol that tensors here have, and what holds their values. */
export interface Values {
  readonly BYTES: readonly Uint8Array[];
  readonly UINT8: Uint8Array;
  readonly INT32: Int32Array;
  readonly FP32: Float32Array;
}

export type Datatype = keyof Values;

/** How a tensor's values are written, row by row, in each form that the protocol has. */
export interface DatatypeForms<V> {
  /** Reads the raw form: little-endian without gaps. May share memory with `bytes`. @throws {RookeryError} REQUEST_INVALID */
  readonly fromRaw: (bytes: Uint8Array, count: number) => V;
  readonly toRaw: (values: V) => Uint8Array;
  /** Reads JSON's `data`, flat or nested at most `rank` deep. @throws {RookeryError} REQUEST_INVALID */
  readonly fromJson: (data: readonly unknown[], count: number, rank: number) => V;
  readonly toJson: (values: V) => (number | string)[];
  /** The member of gRPC's `InferTensorContents` that holds them, and how an element is written there. */
  readonly contents: {
    readonly field: number;
    readonly name: string;
    readonly element: 'varint' | 'fixed32' | 'bytes';
  };
  /** As the model configuration names it. */
  readonly config: { readonly name: string; readonly number: number };
}

/** The one table of datatypes, for HTTP and gRPC. */
export const datatypes: { readonly [D in Datatype]: DatatypeForms<Values[D]> } = {
  BYTES: {
    fromRaw: unpackElements,
    toRaw: packElements,
    fromJson(data, count, rank) {
      const elements: Uint8Array[] = [];
      eachValue(data, { count, rank }, (value) => {
        if (typeof value !== 'string') throw invalid('BYTES are strings in JSON');
        elements.push(Buffer.from(value, 'utf8'));
      });
      return elements;
    },
    toJson: (values) =>
      values.map((element) => Buffer.from(element.buffer, element.byteOffset, element.length).toString()),
    contents: { field: 8, name: 'bytes_contents', element: 'bytes' },
    config: { name: 'TYPE_STRING', number: 13 },
  },
  UINT8: {
    fromRaw: (bytes, count) => checkLength(bytes, count),
    toRaw: (values) => values,
    fromJson(data, count, rank) {
      const values = new Uint8Array(count);
      eachValue(data, { count, rank }, (value, at) => {
        if (!(Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255))
          throw invalid('UINT8 are whole numbers from 0 to 255');
        values[at] = value as number;
      });
      return values;
    },
    toJson: (values) => Array.from(values),
    contents: { field: 4, name: 'uint_contents', element: 'varint' },
    config: { name: 'TYPE_UINT8', number: 2 },
  },
  INT32: {
    fromRaw: (bytes, count) => new Int32Array(aligned(checkLength(bytes, count * 4)), 0, count),
    toRaw: (values) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    fromJson(data, count, rank) {
      const values = new Int32Array(count);
      eachValue(data, { count, rank }, (value, at) => {
        if (typeof value !== 'number' || (value | 0) !== value) throw invalid('INT32 are whole numbers of 32 bits');
        values[at] = value;
      });
      return values;
    },
    toJson: (values) => Array.from(values),
    contents: { field: 2, name: 'int_contents', element: 'varint' },
    config: { name: 'TYPE_INT32', number: 8 },
  },
  FP32: {
    fromRaw: (bytes, count) => new Float32Array(aligned(checkLength(bytes, count * 4)), 0, count),
    toRaw: (values) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    fromJson(data, count, rank) {
      const values = new Float32Array(count);
      eachValue(data, { count, rank }, (value, at) => {
        if (typeof value !== 'number') throw invalid('FP32 are numbers');
        values[at] = value;
      });
      return values;
    },
    // What goes out are scores: six decimals, which a 32-bit float holds well enough to be found again.
    toJson: (values) => Array.from(values, roundScore),
    contents: { field: 6, name: 'fp32_contents', element: 'fixed32' },
    config: { name: 'TYPE_FP32', number: 11 },
  },
};

const invalid = (detail: string): RookeryError => new RookeryError('REQUEST_INVALID', { detail });

function checkLength(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.byteLength === length) return bytes;
  throw invalid(`${bytes.byteLength} bytes of data, not the ${length} that the shape takes`);
}

/** Numbers of four bytes begin at any place of a body, typed arrays only at multiples of four. `slice` of a Buffer would not copy. */
const aligned = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;
