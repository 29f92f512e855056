import { RookeryError } from '@rookery/contracts';
import type { BmpHeader } from './bmp-header.ts';

/**
 * Decodes an uncompressed or run-length-encoded bitmap to RGB, rows from the top. libvips' prebuilt form has no BMP. As in OpenCV, a
 * fourth channel is dropped, channels of fewer than eight bits are shifted up, and what runs skip has the palette's first colour.
 *
 * @throws {RookeryError} PICTURE_CORRUPT where pixels are missing or a palette entry does not exist.
 */
export function decodeBmp(bytes: Uint8Array, header: BmpHeader): Uint8Array<ArrayBuffer> {
  if (header.compression !== 'none') return decodeRuns(bytes, header);
  const { width, height, bitsPerPixel, pixelsAt, topDown } = header;
  const rowBytes = Math.ceil((width * bitsPerPixel) / 8);
  const stride = Math.ceil(rowBytes / 4) * 4;
  if (pixelsAt + stride * (height - 1) + rowBytes > bytes.length) throw corrupt('pixels are missing');
  const pixels = new Uint8Array(width * height * 3);
  const decodeRow = rowDecoder(bytes, header);
  for (let row = 0; row < height; row++) {
    decodeRow(pixelsAt + (topDown ? row : height - 1 - row) * stride, pixels, row * width * 3);
  }
  return pixels;
}

const corrupt = (detail: string): RookeryError => new RookeryError('PICTURE_CORRUPT', { detail: `BMP: ${detail}` });

type RowDecoder = (from: number, pixels: Uint8Array, to: number) => void;

function rowDecoder(bytes: Uint8Array, header: BmpHeader): RowDecoder {
  const { width, bitsPerPixel } = header;
  if (bitsPerPixel <= 8) {
    const put = paletteWriter(bytes, header);
    const mask = (1 << bitsPerPixel) - 1;
    return (from, pixels, to) => {
      for (let x = 0; x < width; x++) {
        const bit = x * bitsPerPixel;
        const byte = bytes[from + (bit >> 3)] as number;
        put((byte >> (8 - bitsPerPixel - (bit & 7))) & mask, pixels, to + x * 3);
      }
    };
  }
  if (bitsPerPixel === 24) {
    return (from, pixels, to) => {
      for (let at = 0; at < width * 3; at += 3) {
        pixels[to + at] = bytes[from + at + 2] as number;
        pixels[to + at + 1] = bytes[from + at + 1] as number;
        pixels[to + at + 2] = bytes[from + at] as number;
      }
    };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const channels = header.masks.map(channelReader);
  const bytesPerPixel = bitsPerPixel / 8;
  return (from, pixels, to) => {
    for (let x = 0; x < width; x++) {
      const at = from + x * bytesPerPixel;
      const value = bitsPerPixel === 16 ? view.getUint16(at, true) : view.getUint32(at, true);
      for (let c = 0; c < 3; c++) pixels[to + x * 3 + c] = (channels[c] as (value: number) => number)(value);
    }
  };
}

/** Reads a channel's bits as the upper bits of a byte. */
function channelReader(mask: number): (value: number) => number {
  if (mask === 0) return () => 0;
  const shift = 31 - Math.clz32(mask & -mask);
  const bits = 32 - Math.clz32(mask >>> shift);
  return (value) => {
    const channel = (value & mask) >>> shift;
    return bits <= 8 ? (channel << (8 - bits)) & 0xff : channel >>> (bits - 8);
  };
}

function paletteWriter(bytes: Uint8Array, { palette }: BmpHeader): RowDecoder {
  return (index, pixels, to) => {
    if (index >= palette.entries) throw corrupt('a colour is not in the palette');
    const at = palette.at + index * palette.entryBytes;
    pixels[to] = bytes[at + 2] as number;
    pixels[to + 1] = bytes[at + 1] as number;
    pixels[to + 2] = bytes[at] as number;
  };
}

/** Pairs of count and colour; a count of zero escapes: end of line, end of bitmap, a step, or that many colours as they are. */
function decodeRuns(bytes: Uint8Array, header: BmpHeader): Uint8Array<ArrayBuffer> {
  const { width, height } = header;
  const pixels = new Uint8Array(width * height * 3);
  const put = paletteWriter(bytes, header);
  put(0, pixels, 0);
  for (let filled = 3; filled < pixels.length; filled *= 2) pixels.copyWithin(filled, 0, filled);
  const four = header.compression === 'rle4';
  let x = 0;
  let y = 0;
  let at = header.pixelsAt;
  const next = (): number => {
    const byte = bytes[at++];
    if (byte === undefined) throw corrupt('runs are missing');
    return byte;
  };
  const colour = (index: number): void => {
    if (x >= width || y >= height) throw corrupt('a run leaves the picture');
    put(index, pixels, ((height - 1 - y) * width + x) * 3);
    x++;
  };
  while (y < height) {
    // Without a mark of its end, but whole.
    if (at >= bytes.length && y === height - 1 && x === width) break;
    const count = next();
    const value = next();
    if (count > 0) {
      for (let i = 0; i < count; i++) colour(four ? (i % 2 === 0 ? value >> 4 : value & 15) : value);
    } else if (value === 0) {
      x = 0;
      y++;
    } else if (value === 1) {
      break;
    } else if (value === 2) {
      x += next();
      y += next();
    } else {
      const start = at;
      let byte = 0;
      for (let i = 0; i < value; i++) {
        if (!four || i % 2 === 0) byte = next();
        colour(four ? (i % 2 === 0 ? byte >> 4 : byte & 15) : byte);
      }
      // Padded to 16 bits.
      if ((at - start) % 2 === 1) at++;
    }
  }
  return pixels;
}
