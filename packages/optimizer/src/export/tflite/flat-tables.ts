import type { Builder } from 'flatbuffers';

/** Sets fields of a table by their numbers in the schema. */
export interface FieldWriter {
  byte(field: number, value: number): void;
  int(field: number, value: number): void;
  float(field: number, value: number): void;
  offset(field: number, value: number): void;
}

/** Writes a table of up to so many fields; what they point to is written already. @returns where it is. */
export function table(builder: Builder, fields: number, write: (field: FieldWriter) => unknown): number {
  builder.startObject(fields);
  builder.forceDefaults(true);
  write({
    byte: (field, value) => builder.addFieldInt8(field, value, 0),
    int: (field, value) => builder.addFieldInt32(field, value, 0),
    float: (field, value) => builder.addFieldFloat32(field, value, 0),
    offset: (field, value) => builder.addFieldOffset(field, value, 0),
  });
  return builder.endObject();
}

/** A list, which is written from its end. */
export function vector(builder: Builder, elementBytes: number, count: number, add: (n: number) => void): number {
  builder.startVector(elementBytes, count, elementBytes);
  for (let n = count - 1; n >= 0; n -= 1) add(n);
  return builder.endVector();
}

export const offsets = (builder: Builder, values: readonly number[]): number =>
  vector(builder, 4, values.length, (n) => builder.addOffset(values[n] ?? 0));
export const ints = (builder: Builder, values: readonly number[]): number =>
  vector(builder, 4, values.length, (n) => builder.addInt32(values[n] ?? 0));
export const floats = (builder: Builder, values: readonly number[]): number =>
  vector(builder, 4, values.length, (n) => builder.addFloat32(values[n] ?? 0));

/** Bytes at a multiple of 16, as the interpreter wants constants. */
export function aligned(builder: Builder, bytes: Uint8Array): number {
  builder.prep(16, bytes.length);
  return builder.createByteVector(bytes);
}
