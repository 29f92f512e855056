import { RookeryError } from '@rookery/contracts';
import type { PictureNeed } from '@rookery/inference';
import type { GetOptions, StoredObject } from '@rookery/storage';

/** What is asked for first: the scans that a model of 224 pixels sees of most progressive pictures, and all of most small ones. */
export const firstRangeBytes = 128 << 10;
/** Of a file's end. */
const endBytes = 2;

export interface Needed {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of the object. */
  readonly sizeBytes: number;
  /** That came from the store. */
  readonly readBytes: number;
  readonly etag: string;
  readonly isCut: boolean;
}

/** Requests for one object, with these options besides those that are always the same. */
export interface ObjectReader {
  get(more: GetOptions): Promise<StoredObject>;
  /** Puts the bytes of a range at their place. @throws {RookeryError} STORE_UNAVAILABLE where they are fewer */
  readInto(whole: Uint8Array, range: { readonly start: number; readonly end: number }, etag: string): Promise<void>;
}

/**
 * Reads an object from its beginning, in ranges, until what a model sees of it is there; then looks whether it has an end. What cannot be
 * left out is read on at once, with one request. All ranges are of one state of the object.
 * @throws {RookeryError} OBJECT_TOO_LARGE beyond `maxBytes`; OBJECT_CHANGED; else as the requests do.
 */
export async function fetchNeeded(
  key: string,
  reader: ObjectReader,
  need: PictureNeed,
  maxBytes: number,
): Promise<Needed> {
  const { body, sizeBytes, etag } = await reader.get({ range: { start: 0, end: firstRangeBytes - 1 } });
  if (sizeBytes > maxBytes)
    throw new RookeryError('OBJECT_TOO_LARGE', { detail: `${key}: ${sizeBytes} bytes, at most ${maxBytes}` });
  let head = body;
  let whole: Uint8Array<ArrayBuffer> | undefined;
  while (head.byteLength < sizeBytes) {
    const needed = need.of(head);
    if (typeof needed === 'object') {
      const last = await reader.get({ range: { start: sizeBytes - endBytes, end: sizeBytes - 1 }, ifMatch: etag });
      const readBytes = head.byteLength + last.body.byteLength;
      if (need.isWhole(last.body))
        return { bytes: need.cut(head, needed.end), sizeBytes, readBytes, etag, isCut: true };
    }
    // In one piece of memory, whatever it is read in: as much as was reserved.
    if (!whole) {
      whole = new Uint8Array(sizeBytes);
      whole.set(head);
    }
    // Twice as much each time: few requests, and never much more than twice what is needed.
    const upTo = needed === 'more' ? Math.min(2 * head.byteLength, sizeBytes) : sizeBytes;
    await reader.readInto(whole, { start: head.byteLength, end: upTo - 1 }, etag);
    head = whole.subarray(0, upTo);
  }
  return { bytes: head, sizeBytes, readBytes: sizeBytes, etag, isCut: false };
}
