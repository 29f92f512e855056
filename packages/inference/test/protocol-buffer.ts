/** Fields of a protocol buffer, as bytes: what the writers of model files by hand are made of. */

const varint = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
};

/** Whole numbers from 0. */
export const whole = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)];

/** A message within a message, or bytes. */
export const part = (field: number, bytes: Iterable<number>): number[] => {
  const body = [...bytes];
  return [...varint(field * 8 + 2), ...varint(body.length), ...body];
};

export const text = (field: number, value: string): number[] => part(field, Buffer.from(value));
