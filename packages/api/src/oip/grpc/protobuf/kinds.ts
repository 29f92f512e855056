import { ProtobufError, type Reader, type WireType } from './reader.ts';
import { Writer } from './writer.ts';

/** How a value of one type is written. */
export interface Kind<T> {
  readonly wire: WireType;
  readonly read: (reader: Reader) => T;
  readonly write: (writer: Writer, value: T) => void;
  /** What it is where a message does not have it. */
  readonly empty: T;
  /** Whether a value need not be written. @default where it is the empty one */
  readonly isEmpty?: (value: T) => boolean;
}

export const bool: Kind<boolean> = {
  wire: 0,
  read: (reader) => reader.unsigned() !== 0,
  write: (writer, value) => writer.unsigned(value ? 1 : 0),
  empty: false,
};

/** Also int32. */
export const int64: Kind<number> = {
  wire: 0,
  read: (reader) => reader.signed(),
  write: (writer, value) => writer.signed(value),
  empty: 0,
};

/** Also uint32 and the numbers of an enumeration. */
export const uint64: Kind<number> = {
  wire: 0,
  read: (reader) => reader.unsigned(),
  write: (writer, value) => writer.unsigned(value),
  empty: 0,
};

export const bytes: Kind<Uint8Array> = {
  wire: 2,
  read: (reader) => reader.bytes(),
  write: (writer, value) => writer.bytes(value),
  empty: new Uint8Array(),
  isEmpty: ({ byteLength }) => byteLength === 0,
};

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const string: Kind<string> = {
  wire: 2,
  read(reader) {
    try {
      return utf8.decode(reader.bytes());
    } catch (cause) {
      if (cause instanceof ProtobufError) throw cause;
      throw new ProtobufError('a text that is not UTF-8', { cause });
    }
  },
  write: (writer, value) => writer.bytes(Buffer.from(value)),
  empty: '',
};

/** A message in a message. */
export function nested<T>(codec: {
  decode(bytes: Uint8Array): T;
  encode(value: T): Buffer;
  readonly empty: T;
}): Kind<T> {
  return {
    wire: 2,
    read: (reader) => codec.decode(reader.bytes()),
    write: (writer, value) => writer.bytes(codec.encode(value)),
    empty: codec.empty,
  };
}

export const encoded = (write: (writer: Writer) => void): Buffer => {
  const writer = new Writer();
  write(writer);
  return writer.finish();
};
