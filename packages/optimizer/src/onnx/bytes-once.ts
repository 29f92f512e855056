import protobuf from 'protobufjs';

/** Bytes that follow one another; they are joined once, at the end. */
export type Pieces = readonly Uint8Array[];

type Message = Readonly<Record<string, unknown>>;

const sizeOf = (pieces: Pieces): number => pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);

/**
 * Encodes a message one of whose fields is encoded already: once for each of `values`, in the place that it has among the others. A writer of
 * protocol buffers copies what it holds whenever it grows, hundreds of megabytes of weights several times.
 */
export function encodeAround(type: protobuf.Type, message: object, field: string, values: readonly Pieces[]): Pieces {
  const { id } = type.fields[field] as protobuf.Field;
  const some = (wanted: (each: protobuf.Field) => boolean): [string, unknown][] =>
    type.fieldsArray
      .filter((each) => wanted(each) && Object.hasOwn(message, each.name))
      .map(({ name }) => [name, (message as Message)[name]]);
  const before = Object.fromEntries(some((each) => each.id < id));
  const after = { ...Object.fromEntries(some((each) => each.id > id)), $unknowns: (message as Message).$unknowns };
  const framed = values.flatMap((value) => [
    protobuf.Writer.create()
      .uint32((id << 3) | 2)
      .uint32(sizeOf(value))
      .finish(),
    ...value,
  ]);
  return [type.encode(before).finish(), ...framed, type.encode(after).finish()];
}

export function joined(pieces: Pieces): Uint8Array {
  const bytes = new Uint8Array(sizeOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}
