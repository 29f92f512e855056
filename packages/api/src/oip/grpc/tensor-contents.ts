import { RookeryError } from '@rookery/contracts';
import { type Datatype, datatypes, type Values } from '../tensors/datatypes.ts';
import type { OutputTensor } from '../tensors/tensor.ts';
import { encoded } from './protobuf/kinds.ts';
import { ProtobufError, Reader } from './protobuf/reader.ts';

/** Takes a tensor's elements out of a message, one after the other. */
interface Sink<V> {
  readonly values: V;
  put(reader: Reader, at: number): void;
}

const sinks: { readonly [D in Datatype]: (count: number) => Sink<Values[D]> } = {
  BYTES() {
    const values: Uint8Array[] = [];
    return { values, put: (reader) => void values.push(reader.bytes()) };
  },
  UINT8(count) {
    const values = new Uint8Array(count);
    return {
      values,
      put(reader, at) {
        const value = reader.unsigned();
        if (value > 255) throw new ProtobufError('UINT8 are whole numbers from 0 to 255');
        values[at] = value;
      },
    };
  },
  INT32(count) {
    const values = new Int32Array(count);
    return {
      values,
      put(reader, at) {
        values[at] = reader.signed();
      },
    };
  },
  FP32(count) {
    const values = new Float32Array(count);
    return {
      values,
      put(reader, at) {
        values[at] = reader.float();
      },
    };
  },
};

const wires = { varint: 0, fixed32: 5, bytes: 2 } as const;

/**
 * Reads `InferTensorContents`, the typed form of a tensor, straight into what holds its values: never more than `count` of them.
 * @throws {RookeryError} REQUEST_INVALID
 */
export function readContents<D extends Datatype>(bytes: Uint8Array, datatype: D, count: number): Values[D] {
  const { field, name, element } = datatypes[datatype].contents;
  const sink: Sink<Values[D]> = sinks[datatype](count);
  let at = 0;
  const put = (reader: Reader): void => {
    if (at === count) throw new ProtobufError(`more than the ${count} values that the shape takes`);
    sink.put(reader, at++);
  };
  try {
    for (const reader = new Reader(bytes); !reader.atEnd; ) {
      const { number, wire } = reader.tag();
      if (number !== field) throw new ProtobufError(`${datatype} belongs into ${name}`);
      if (wire === wires[element]) put(reader);
      else if (wire === 2) for (const packed = new Reader(reader.bytes()); !packed.atEnd; ) put(packed);
      else throw new ProtobufError(`wire type ${wire}`);
    }
    if (at < count) throw new ProtobufError(`${at} values, not the ${count} that the shape takes`);
  } catch (cause) {
    if (!(cause instanceof ProtobufError)) throw cause;
    throw new RookeryError('REQUEST_INVALID', { detail: `contents: ${cause.message}`, cause });
  }
  return sink.values;
}

/** The reverse. */
export function writeContents(tensor: OutputTensor): Buffer {
  const { field } = datatypes[tensor.datatype].contents;
  return encoded((writer) => {
    switch (tensor.datatype) {
      case 'BYTES':
        for (const element of tensor.values) {
          writer.tag(field, 2);
          writer.bytes(element);
        }
        return;
      case 'FP32':
        writer.tag(field, 2);
        // Packed, which is the raw form.
        writer.bytes(datatypes.FP32.toRaw(tensor.values));
        return;
      case 'INT32':
      case 'UINT8':
        writer.tag(field, 2);
        writer.bytes(encoded((packed) => tensor.values.forEach((value) => void packed.signed(value))));
        return;
    }
  });
}
