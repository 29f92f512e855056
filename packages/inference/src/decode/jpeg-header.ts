export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  /** All scans are kept before the first pixel is made. */
  readonly progressive: boolean;
  /** There is an Exif segment before the frame: the picture may have to be turned. */
  readonly exif: boolean;
}

/**
 * Walks the segments of a JPEG up to its frame header (ITU-T T.81, B.2.2). `undefined` where there is none: the decoder says why.
 */
export function jpegHeader(bytes: Uint8Array): JpegHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let exif = false;
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) {
      at++;
      continue;
    }
    // Markers without a length: restarts and TEM. A start of scan or an end before any frame: no header.
    if ((marker >= 0xd0 && marker <= 0xd7) || marker === 0x01) {
      at += 2;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) return undefined;
    const frame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (frame) {
      if (at + 9 > bytes.length) return undefined;
      return {
        height: view.getUint16(at + 5),
        width: view.getUint16(at + 7),
        progressive: marker === 0xc2 || marker === 0xca,
        exif,
      };
    }
    if (marker === 0xe1 && at + 8 <= bytes.length && view.getUint32(at + 4) === 0x45786966) exif = true;
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}
