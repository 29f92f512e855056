/** What is not a message of the expected form. */
export class ProtobufError extends Error {}

/** https://protobuf.dev/programming-guides/encoding: varint, fixed64, length-delimited, fixed32. */
export type WireType = 0 | 1 | 2 | 5;

/** Reads protobuf's wire format. Never beyond its bytes: what is cut off, or goes on for ever, is a `ProtobufError`. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.byteLength;
  }

  /** The next field's number and how it is written. */
  tag(): { readonly number: number; readonly wire: WireType } {
    const tag = this.unsigned();
    const wire = tag % 8;
    const number = Math.floor(tag / 8);
    if (number < 1 || number > 0x1fffffff) throw new ProtobufError(`field ${number}`);
    // Groups went out of use before any of these messages was made.
    if (wire !== 0 && wire !== 1 && wire !== 2 && wire !== 5) throw new ProtobufError(`wire type ${wire}`);
    return { number, wire };
  }

  /** A varint as an unsigned number. Beyond 2^53 its last digits are lost. */
  unsigned(): number {
    let value = 0;
    let scale = 1;
    for (let length = 1; length <= 10; length++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new ProtobufError('a varint of more than 10 bytes');
  }

  /** A varint as a signed number of 64 bits. */
  signed(): number {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    throw new ProtobufError('a varint of more than 10 bytes');
  }

  float(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** Shares the memory of the message. */
  bytes(): Uint8Array {
    const length = this.unsigned();
    const from = this.#take(length);
    return this.#bytes.subarray(from, from + length);
  }

  skip(wire: WireType): void {
    if (wire === 0) this.unsigned();
    else if (wire === 2) this.bytes();
    else this.#take(wire === 1 ? 8 : 4);
  }

  #byte(): number {
    return this.#bytes[this.#take(1)] as number;
  }

  /** @returns Where these bytes begin. */
  #take(length: number): number {
    const from = this.#at;
    if (length > this.#bytes.byteLength - from) throw new ProtobufError('the message is cut off');
    this.#at = from + length;
    return from;
  }
}
