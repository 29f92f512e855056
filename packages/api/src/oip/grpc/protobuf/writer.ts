import type { WireType } from './reader.ts';

/** Writes protobuf's wire format. */
export class Writer {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  tag(number: number, wire: WireType): void {
    this.unsigned(number * 8 + wire);
  }

  /** A varint of a whole number from 0 to 2^53. */
  unsigned(value: number): void {
    const bytes: number[] = [];
    let rest = value;
    while (rest >= 0x80) {
      bytes.push((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    bytes.push(rest);
    this.#add(Uint8Array.from(bytes));
  }

  /** A varint of a whole number of 64 bits. */
  signed(value: number): void {
    if (value >= 0) {
      this.unsigned(value);
      return;
    }
    // Ten bytes, as every negative number.
    const bytes = new Uint8Array(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (let at = 0; at < 10; at++) {
      bytes[at] = Number(rest & 0x7fn) | (at < 9 ? 0x80 : 0);
      rest >>= 7n;
    }
    this.#add(bytes);
  }

  float(value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    this.#add(bytes);
  }

  double(value: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    this.#add(bytes);
  }

  bytes(value: Uint8Array): void {
    this.unsigned(value.byteLength);
    this.#add(value);
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts, this.#length);
  }

  #add(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#length += bytes.byteLength;
  }
}
