import { exifOrientation } from '../formats/exif-orientation.ts';

export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  /** Of a progressive picture: its coefficients, which are all there before the first pixel is made. 0 for a baseline one. */
  readonly coefficientBytes: number;
  /** Not to be turned: there is no Exif segment before the frame, or one that plainly says so. */
  readonly upright: boolean;
  /** 8 bits, grey or of three components, Huffman codes: a form that no two decoders of libjpeg's kind read differently. */
  readonly plain: boolean;
}

/**
 * Walks the segments of a JPEG up to its frame header (ITU-T T.81, B.2.2). `undefined` where there is none: the decoder says why.
 */
export function jpegHeader(bytes: Uint8Array): JpegHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let upright = true;
  let segments = 0;
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
      const height = view.getUint16(at + 5);
      const width = view.getUint16(at + 7);
      const progressive = marker === 0xc2 || marker === 0xca;
      const perPixel = progressive ? 2 * samplesPerPixel(bytes, at + 9) : 0;
      const plain = marker <= 0xc2 && bytes[at + 4] === 8 && (bytes[at + 9] === 1 || bytes[at + 9] === 3);
      return { width, height, coefficientBytes: Math.ceil(width * height * perPixel), upright, plain };
    }
    const end = at + 2 + view.getUint16(at + 2);
    if (marker === 0xe1 && at + 10 <= bytes.length && view.getUint32(at + 4) === 0x45786966)
      upright = ++segments === 1 && exifOrientation(bytes.subarray(at + 10, end)) === 1;
    at = end;
  }
  return undefined;
}

/** Of all components, by their sampling factors: 3 at most, 1.5 where colours have half the resolution. */
function samplesPerPixel(bytes: Uint8Array, at: number): number {
  const count = Math.min(bytes[at] ?? 0, 4);
  const factors = Array.from({ length: count }, (_, i) => bytes[at + 2 + i * 3] ?? 0x11);
  const areas = factors.map((factor) => Math.max(1, factor >> 4) * Math.max(1, factor & 15));
  const largest = Math.max(1, ...factors.map((it) => it >> 4)) * Math.max(1, ...factors.map((it) => it & 15));
  return areas.reduce((sum, area) => sum + area, 0) / largest;
}
