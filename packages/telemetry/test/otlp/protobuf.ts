/** A message of protocol buffers as it lies on the wire: values by the number of their field, in their order. */
export type Fields = ReadonlyMap<number, readonly (bigint | Uint8Array)[]>;

/** Reads one message; whether bytes are text, a message or something else is for the caller to know ("Encoding", protobuf.dev). */
export function readMessage(bytes: Uint8Array): Fields {
  const fields = new Map<number, (bigint | Uint8Array)[]>();
  let at = 0;
  const take = (count: number): Uint8Array => {
    if (at + count > bytes.length) throw new Error('the message ends too soon');
    at += count;
    return bytes.subarray(at - count, at);
  };
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const [byte = 0] = take(1);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const fixed = (count: number): bigint => take(count).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  /** By wire type. */
  const readers: Partial<Record<number, () => bigint | Uint8Array>> = {
    0: varint,
    1: () => fixed(8),
    2: () => take(Number(varint())),
    5: () => fixed(4),
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = tag >> 3;
    const value = readers[tag & 7]?.();
    if (value === undefined) throw new Error(`wire type ${tag & 7}`);
    const values = fields.get(number) ?? [];
    fields.set(number, values);
    values.push(value);
  }
  return fields;
}
