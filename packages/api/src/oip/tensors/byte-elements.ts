import { RookeryError } from '@rookery/contracts';

/**
 * Reads the raw form of BYTES: each element after its length, four bytes little-endian. The elements share the memory of `bytes`.
 * @throws {RookeryError} REQUEST_INVALID where there are more or fewer than `count`.
 */
export function unpackElements(bytes: Uint8Array, count: number): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements: Uint8Array[] = [];
  let at = 0;
  for (let element = 0; element < count; element++) {
    if (at + 4 > bytes.byteLength) throw invalid(`the data end before the length of element ${element}`);
    const length = view.getUint32(at, true);
    at += 4;
    if (length > bytes.byteLength - at)
      throw invalid(`element ${element} has ${length} bytes, ${bytes.byteLength - at} are left`);
    elements.push(bytes.subarray(at, at + length));
    at += length;
  }
  if (at < bytes.byteLength) throw invalid(`${bytes.byteLength - at} bytes are left after ${count} elements`);
  return elements;
}

/** The reverse. */
export function packElements(elements: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const packed = Buffer.alloc(elements.reduce((sum, { byteLength }) => sum + 4 + byteLength, 0));
  let at = 0;
  for (const element of elements) {
    at = packed.writeUInt32LE(element.byteLength, at);
    packed.set(element, at);
    at += element.byteLength;
  }
  return packed;
}

const invalid = (detail: string): RookeryError => new RookeryError('REQUEST_INVALID', { detail: `BYTES: ${detail}` });
