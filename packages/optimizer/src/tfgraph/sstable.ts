import { RookeryError } from '@rookery/contracts';

const magicLow = 0x8b80fb57;
const magicHigh = 0xdb477524;
const footerBytes = 48;

const invalid = (detail: string): RookeryError =>
  new RookeryError('MODEL_INVALID', { detail: `the checkpoint's index: ${detail}` });

/**
 * Reads a sorted table as LevelDB writes it (leveldb/doc/table_format.md; TensorFlow's `variables.index` is one, without compression).
 * @throws {RookeryError} MODEL_INVALID where it is damaged; MODEL_OPERATOR_UNSUPPORTED where it is compressed.
 */
export function readTable(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  if (bytes.byteLength < footerBytes) throw invalid(`${bytes.byteLength} bytes are too few`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.byteLength;
  if (view.getUint32(end - 8, true) !== magicLow || view.getUint32(end - 4, true) !== magicHigh)
    throw invalid('it does not end as a table does');
  const footer = new Varints(bytes.subarray(end - footerBytes));
  footer.next();
  footer.next();
  const entries = new Map<string, Uint8Array>();
  for (const [, handle] of block(bytes, footer.next(), footer.next())) {
    const place = new Varints(handle);
    for (const [key, value] of block(bytes, place.next(), place.next())) entries.set(key, value);
  }
  return entries;
}

/** Keys share their beginning with the key before; restart points stand at the end and are not needed to read all. */
function* block(bytes: Uint8Array, offset: number, size: number): Generator<[string, Uint8Array]> {
  if (!(offset + size + 5 <= bytes.byteLength) || size < 4) throw invalid(`a block of ${size} bytes at ${offset}`);
  if (bytes[offset + size] !== 0)
    throw new RookeryError('MODEL_OPERATOR_UNSUPPORTED', { detail: "the checkpoint's index is compressed" });
  const part = bytes.subarray(offset, offset + size);
  const restarts = new DataView(part.buffer, part.byteOffset, size).getUint32(size - 4, true);
  const data = new Varints(part.subarray(0, Math.max(0, size - 4 - restarts * 4)));
  let last = new Uint8Array();
  while (!data.done) {
    const [shared, own, valueBytes] = [data.next(), data.next(), data.next()];
    const key = new Uint8Array([...last.subarray(0, shared), ...data.take(own)]);
    last = key;
    yield [Buffer.from(key).toString('utf8'), data.take(valueBytes)];
  }
}

class Varints {
  #at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get done(): boolean {
    return this.#at >= this.bytes.byteLength;
  }

  next(): number {
    let value = 0;
    for (let factor = 1; factor < 2 ** 56; factor *= 128) {
      const byte = this.bytes[this.#at];
      if (byte === undefined) break;
      this.#at += 1;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw invalid('a number that does not end');
  }

  take(count: number): Uint8Array {
    if (this.#at + count > this.bytes.byteLength) throw invalid(`${count} bytes where there are fewer`);
    this.#at += count;
    return this.bytes.subarray(this.#at - count, this.#at);
  }
}
