import { RookeryError } from '@rookery/contracts';

/** Tables, vector elements and characters that a file may have; what comes as bytes is not counted. The largest classifiers have a tenth. */
const maxReads = 4_000_000;

const invalid = (detail: string): RookeryError =>
  new RookeryError('MODEL_INVALID', { detail: `a damaged flatbuffer: ${detail}` });

/**
 * A flatbuffer (flatbuffers.dev/internals) read strictly: nothing is read from outside the bytes, and what is read is counted, since
 * tables and vectors may share their bytes, so that a small file cannot become a large heap.
 */
export class FlatBuffer {
  readonly #view: DataView;
  #left = maxReads;

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  root(): FlatTable {
    return new FlatTable(this, this.follow(0));
  }

  /** @throws {RookeryError} MODEL_INVALID once there was too much. */
  spend(reads: number): void {
    this.#left -= reads;
    if (this.#left < 0) throw invalid(`more than ${maxReads} values`);
  }

  /** The view, once `size` bytes at `at` are known to be there. */
  at(at: number, size: number): DataView {
    if (!(at >= 0 && at + size <= this.bytes.byteLength))
      throw invalid(`${size} bytes at ${at} of ${this.bytes.byteLength}`);
    return this.#view;
  }

  uint32(at: number): number {
    return this.at(at, 4).getUint32(at, true);
  }

  /** Where a relative offset leads. */
  follow(at: number): number {
    return at + this.uint32(at);
  }
}

/** One table; fields are known by their numbers in the schema. What is absent has the fallback's value. */
export class FlatTable {
  readonly #vtable: number;
  readonly #vtableSize: number;

  constructor(
    private readonly buffer: FlatBuffer,
    private readonly at: number,
  ) {
    buffer.spend(1);
    this.#vtable = at - buffer.at(at, 4).getInt32(at, true);
    this.#vtableSize = buffer.at(this.#vtable, 4).getUint16(this.#vtable, true);
    buffer.at(this.#vtable, this.#vtableSize);
  }

  /** Where a field's value is; `undefined` where the table has none. */
  #place(field: number): number | undefined {
    const entry = 4 + field * 2;
    if (entry + 2 > this.#vtableSize) return undefined;
    const offset = this.buffer.at(this.#vtable + entry, 2).getUint16(this.#vtable + entry, true);
    return offset === 0 ? undefined : this.at + offset;
  }

  uint8(field: number, fallback = 0): number {
    const at = this.#place(field);
    return at === undefined ? fallback : this.buffer.at(at, 1).getUint8(at);
  }

  int32(field: number, fallback = 0): number {
    const at = this.#place(field);
    return at === undefined ? fallback : this.buffer.at(at, 4).getInt32(at, true);
  }

  uint32(field: number, fallback = 0): number {
    const at = this.#place(field);
    return at === undefined ? fallback : this.buffer.uint32(at);
  }

  uint64(field: number, fallback = 0): number {
    const at = this.#place(field);
    return at === undefined ? fallback : Number(this.buffer.at(at, 8).getBigUint64(at, true));
  }

  float32(field: number, fallback = 0): number {
    const at = this.#place(field);
    return at === undefined ? fallback : this.buffer.at(at, 4).getFloat32(at, true);
  }

  table(field: number): FlatTable | undefined {
    const at = this.#place(field);
    return at === undefined ? undefined : new FlatTable(this.buffer, this.buffer.follow(at));
  }

  /** A vector's first element and how many there are. */
  #vector(field: number, elementBytes: number): { first: number; length: number } {
    const at = this.#place(field);
    if (at === undefined) return { first: 0, length: 0 };
    const start = this.buffer.follow(at);
    const length = this.buffer.uint32(start);
    this.buffer.at(start + 4, length * elementBytes);
    return { first: start + 4, length };
  }

  #elements<T>(field: number, elementBytes: number, read: (view: DataView, at: number) => T): T[] {
    const { first, length } = this.#vector(field, elementBytes);
    this.buffer.spend(length);
    const view = this.buffer.at(first, length * elementBytes);
    return Array.from({ length }, (_, n) => read(view, first + n * elementBytes));
  }

  int32s(field: number): number[] {
    return this.#elements(field, 4, (view, at) => view.getInt32(at, true));
  }

  int64s(field: number): number[] {
    return this.#elements(field, 8, (view, at) => Number(view.getBigInt64(at, true)));
  }

  float32s(field: number): number[] {
    return this.#elements(field, 4, (view, at) => view.getFloat32(at, true));
  }

  tables(field: number): FlatTable[] {
    return this.#elements(field, 4, (_, at) => new FlatTable(this.buffer, this.buffer.follow(at)));
  }

  /** The vector's own bytes, not a copy. */
  bytes(field: number): Uint8Array {
    const { first, length } = this.#vector(field, 1);
    return this.buffer.bytes.subarray(first, first + length);
  }

  text(field: number): string {
    const bytes = this.bytes(field);
    this.buffer.spend(bytes.byteLength);
    return Buffer.from(bytes).toString('utf8');
  }
}
