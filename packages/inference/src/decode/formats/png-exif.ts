const signatureBytes = 8;
/** Length, type, checksum. */
const frameBytes = 12;

/**
 * A PNG whose `eXIf` chunk follows its pixels, where it may (PNG, third edition, 5.6), with that chunk before them: libvips looks no further.
 * The same bytes where there is none, or one before the pixels already.
 */
export function exifFirst(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let pixelsAt: number | undefined;
  for (let at = signatureBytes; at + frameBytes <= bytes.length; ) {
    const end = at + frameBytes + view.getUint32(at);
    const type = view.getUint32(at + 4);
    if (type === idat) pixelsAt ??= at;
    else if (type === exif)
      return pixelsAt === undefined || end > bytes.length ? bytes : moved(bytes, at, end, pixelsAt);
    at = end;
  }
  return bytes;
}

const chunkType = (name: string): number => Buffer.from(name, 'latin1').readUInt32BE();
const idat = chunkType('IDAT');
const exif = chunkType('eXIf');

/** `from` to `end` before `to`, which lies before it. */
function moved(bytes: Uint8Array<ArrayBuffer>, from: number, end: number, to: number): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice();
  copy.set(bytes.subarray(from, end), to);
  copy.set(bytes.subarray(to, from), to + end - from);
  return copy;
}
