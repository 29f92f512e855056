/** What is decoded, told by the bytes themselves; names of files and media types say nothing. */
export type PictureFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif' | 'bmp';

const text = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, Math.min(to, bytes.length)));

/** `undefined`: none of ours. */
export function pictureFormat(bytes: Uint8Array): PictureFormat | undefined {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xd8 && c === 0xff) return 'jpeg';
  const start = text(bytes, 0, 16);
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (start.startsWith('RIFF') && start.slice(8, 12) === 'WEBP') return 'webp';
  if (start.startsWith('GIF87a') || start.startsWith('GIF89a')) return 'gif';
  if (start.startsWith('BM')) return 'bmp';
  // Classic and BigTIFF, either byte order.
  if (a === 0x49 && b === 0x49 && (c === 42 || c === 43) && d === 0) return 'tiff';
  if (a === 0x4d && b === 0x4d && c === 0 && (d === 42 || d === 43)) return 'tiff';
  return start.slice(4, 8) === 'ftyp' && isAvif(bytes) ? 'avif' : undefined;
}

/** ISO 14496-12 file type box: the major brand, a version, and the brands it is compatible with. HEIC shares everything but these. */
function isAvif(bytes: Uint8Array): boolean {
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const end = Math.min(size, bytes.length, 256);
  for (let at = 8; at + 4 <= end; at += 4) {
    const brand = text(bytes, at, at + 4);
    if (at !== 12 && (brand === 'avif' || brand === 'avis')) return true;
  }
  return false;
}
