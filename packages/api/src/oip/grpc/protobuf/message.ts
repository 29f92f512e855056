import { encoded, type Kind } from './kinds.ts';
import { ProtobufError, Reader, type WireType } from './reader.ts';
import type { Writer } from './writer.ts';

/** A field of a message: `T` is what the message has under its name. */
export interface Field<T> {
  readonly number: number;
  readonly empty: () => T;
  /** The value with what comes next of the field added to it. */
  readonly read: (reader: Reader, wire: WireType, before: T) => T;
  readonly write: (writer: Writer, value: T) => void;
}

export interface Codec<T> {
  /** @throws {ProtobufError} */
  decode(bytes: Uint8Array): T;
  encode(value: T): Buffer;
  readonly empty: T;
}

/** A field that is there once; the last one counts. */
export function one<T>(number: number, kind: Kind<T>): Field<T> {
  return {
    number,
    empty: () => kind.empty,
    read: (reader, wire) => readOne(reader, wire, kind),
    write(writer, value) {
      if (kind.isEmpty?.(value) ?? value === kind.empty) return;
      writer.tag(number, kind.wire);
      kind.write(writer, value);
    },
  };
}

/** A list, numbers of it packed or not. More than `max` elements are refused: two bytes of a message could each become an object. */
export function many<T>(number: number, kind: Kind<T>, max: number): Field<readonly T[]> {
  const packable = kind.wire !== 2;
  return {
    number,
    empty: () => [],
    read(reader, wire, before) {
      const list = before.length === 0 ? [] : (before as T[]);
      const add = (from: Reader): void => {
        if (list.length >= max) throw new ProtobufError(`more than ${max} elements of field ${number}`);
        list.push(kind.read(from));
      };
      if (packable && wire === 2) for (const packed = new Reader(reader.bytes()); !packed.atEnd; ) add(packed);
      else {
        checkWire(wire, kind);
        add(reader);
      }
      return list;
    },
    write(writer, list) {
      if (list.length === 0) return;
      if (packable) {
        writer.tag(number, 2);
        writer.bytes(encoded((packed) => list.forEach((value) => void kind.write(packed, value))));
        return;
      }
      for (const value of list) {
        writer.tag(number, kind.wire);
        kind.write(writer, value);
      }
    },
  };
}

/** A map from texts: a list of messages of key and value. */
export function map<T>(
  number: number,
  key: Kind<string>,
  value: Kind<T>,
  max: number,
): Field<Readonly<Record<string, T>>> {
  const entry = message({ key: one(1, key), value: one(2, value) });
  return {
    number,
    empty: () => ({}),
    read(reader, wire, before) {
      if (wire !== 2) throw new ProtobufError(`field ${number} is written in another way`);
      const found = entry.decode(reader.bytes());
      const entries = new Map(Object.entries(before)).set(found.key, found.value);
      if (entries.size > max) throw new ProtobufError(`more than ${max} elements of field ${number}`);
      return Object.fromEntries(entries);
    },
    write(writer, entries) {
      for (const [name, of] of Object.entries(entries)) {
        writer.tag(number, 2);
        writer.bytes(entry.encode({ key: name, value: of }));
      }
    },
  };
}

/** Whatever a field holds. */
type AnyField = Pick<Field<unknown>, 'number' | 'empty'>;

/** What a message with these fields holds. */
type MessageOf<F> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/** The codec of a message. Fields that it does not name are ignored. */
export function message<F extends Readonly<Record<string, AnyField>>>(fields: F): Codec<MessageOf<F>> {
  // Each field is read and written with its own values only, which the types of all of them together cannot say.
  const entries = Object.entries(fields) as unknown as [string, Field<unknown>][];
  const byNumber = new Map(entries.map(([name, field]) => [field.number, { name, field }]));
  const empty = (): Record<string, unknown> =>
    Object.fromEntries(entries.map(([name, field]) => [name, field.empty()]));
  return {
    decode(bytes) {
      const value = empty();
      for (const reader = new Reader(bytes); !reader.atEnd; ) {
        const { number, wire } = reader.tag();
        const known = byNumber.get(number);
        if (known) value[known.name] = known.field.read(reader, wire, value[known.name]);
        else reader.skip(wire);
      }
      return value as MessageOf<F>;
    },
    encode: (value) =>
      encoded((writer) => {
        for (const [name, field] of entries) field.write(writer, (value as Record<string, unknown>)[name]);
      }),
    get empty() {
      return empty() as MessageOf<F>;
    },
  };
}

function readOne<T>(reader: Reader, wire: WireType, kind: Kind<T>): T {
  checkWire(wire, kind);
  return kind.read(reader);
}

function checkWire<T>(wire: WireType, kind: Kind<T>): void {
  if (wire !== kind.wire) throw new ProtobufError(`wire type ${wire} where ${kind.wire} is expected`);
}
