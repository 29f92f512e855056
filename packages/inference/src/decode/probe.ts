import { RookeryError } from '@rookery/contracts';
import { avifExtentsAreSane } from './formats/avif-extents.ts';
import { type BmpHeader, bmpHeader } from './formats/bmp-header.ts';
import { type PictureFormat, pictureFormat } from './formats/picture-format.ts';
import { jpegHeader } from './jpeg/jpeg-header.ts';
import { libvips } from './libvips/libvips.ts';

/** A picture whose header was read. */
export interface Probed {
  /** Pixels, after EXIF orientation. */
  readonly width: number;
  readonly height: number;
  /** What decoding it is going to take. */
  readonly reserveBytes: number;
  readonly alpha: boolean;
  readonly bmp?: BmpHeader;
  /** Upright, and of the form that libjpeg-turbo decodes by itself. */
  readonly plainJpeg?: boolean;
}

/** Decoded row by row, unless they are progressive, interlaced, turned or deep: one picture in memory at a time, not two. */
const byRows: readonly PictureFormat[] = ['jpeg', 'png', 'tiff', 'bmp'];

/**
 * Reads a picture's header: here where that is simple and common, by libvips where it is not.
 * @throws {RookeryError} UNSUPPORTED_FORMAT, PICTURE_CORRUPT, PICTURE_TOO_LARGE.
 */
export async function probe(bytes: Uint8Array<ArrayBuffer>, maxPixels: number): Promise<Probed> {
  const format = pictureFormat(bytes);
  if (format === undefined) throw new RookeryError('UNSUPPORTED_FORMAT', { detail: 'unknown first bytes' });
  const probed = probeHere(bytes, format) ?? (await probeByLibvips(bytes, format, maxPixels));
  const { width, height } = probed;
  if (width * height <= maxPixels) return probed;
  throw new RookeryError('PICTURE_TOO_LARGE', { detail: `${width} x ${height} pixels` });
}

function probeHere(bytes: Uint8Array, format: PictureFormat): Probed | undefined {
  if (format === 'bmp') {
    const bmp = bmpHeader(bytes);
    const { width, height } = bmp;
    return { width, height, alpha: false, reserveBytes: width * height * 3, bmp };
  }
  const header = format === 'jpeg' ? jpegHeader(bytes) : undefined;
  if (!header?.upright || header.width === 0 || header.height === 0) return undefined;
  const { width, height, coefficientBytes, plain: plainJpeg } = header;
  return { width, height, alpha: false, reserveBytes: width * height * 3 + coefficientBytes, plainJpeg };
}

async function probeByLibvips(
  bytes: Uint8Array<ArrayBuffer>,
  format: PictureFormat,
  maxPixels: number,
): Promise<Probed> {
  if (format === 'avif' && !avifExtentsAreSane(bytes))
    throw new RookeryError('PICTURE_CORRUPT', { detail: 'AVIF: size' });
  const header = await (await libvips()).readHeader(bytes, maxPixels);
  const { isProgressive, orientation = 1, depth, hasAlpha } = header;
  const { width, height } = header.autoOrient;
  const twice = isProgressive || orientation > 1 || depth !== 'uchar' || !byRows.includes(format);
  const jpeg = format === 'jpeg' ? jpegHeader(bytes) : undefined;
  // A GIF's frame has alpha, and so has what is made of it.
  const pictures = width * height * (format === 'gif' ? 8 : 3 * (twice ? 2 : 1));
  const reserveBytes = Math.max(pictures, width * height * 3 + (jpeg?.coefficientBytes ?? 0));
  return { width, height, alpha: hasAlpha, reserveBytes, plainJpeg: orientation === 1 && jpeg?.plain === true };
}
