import type { DecodeMode, Preprocessing } from '@rookery/contracts';
import { RookeryError } from '@rookery/contracts';
import sharp, { type Sharp, type SharpOptions } from 'sharp';
import { avifExtentsAreSane } from './avif-extents.ts';
import { decodeBmp } from './bmp.ts';
import { type BmpHeader, bmpHeader } from './bmp-header.ts';
import { decodeError } from './failure.ts';
import { jpegHeader } from './jpeg-header.ts';
import { type PictureFormat, pictureFormat } from './picture-format.ts';

/** RGB, 8 bits, rows from the top without gaps. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** A picture whose header was read. */
export interface Probed {
  readonly format: PictureFormat;
  /** Pixels, after EXIF orientation where that is known already. */
  readonly width: number;
  readonly height: number;
  /** What decoding it is going to take. */
  readonly reserveBytes: number;
  readonly alpha: boolean;
  readonly bmp?: BmpHeader;
}

/**
 * Pixels as OpenCV's `imread` gave them to the original: EXIF orientation applied, alpha dropped and not blended, 16 bits cut to the
 * upper 8, grey as three equal channels, profiles ignored. CMYK goes through libvips' own CMYK profile, since the plain formula is far
 * off for pictures that were made for print. `failOn: 'error'`: a file that ends too early is PICTURE_CORRUPT, a decoder's mere warning
 * is none. Only the first frame or page is read.
 */
const inputOptions = (maxPixels: number): SharpOptions => ({
  failOn: 'error',
  limitInputPixels: maxPixels,
  ignoreIcc: true,
  autoOrient: true,
});

/** libvips as this package wants it. Settings are the process': no loader but ours, one thread a picture, no cache. */
export function configureSharp(): { readonly vips: string; readonly sharp: string } {
  sharp.concurrency(1);
  sharp.cache(false);
  sharp.block({ operation: ['VipsForeignLoad'] });
  // SVG is no picture here and never reaches libvips as one; the application may draw with it.
  const loaders = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif', 'Svg'];
  sharp.unblock({ operation: loaders.map((name) => `VipsForeignLoad${name}`) });
  const { vips, sharp: version } = sharp.versions;
  return { vips, sharp: version ?? '' };
}

/** @throws {RookeryError} UNSUPPORTED_FORMAT, PICTURE_CORRUPT, PICTURE_TOO_LARGE. */
export async function probe(bytes: Uint8Array<ArrayBuffer>, maxPixels: number): Promise<Probed> {
  const format = pictureFormat(bytes);
  if (format === undefined) throw new RookeryError('UNSUPPORTED_FORMAT', { detail: 'unknown first bytes' });
  const limited = (probed: Probed): Probed => {
    if (probed.width * probed.height <= maxPixels) return probed;
    throw new RookeryError('PICTURE_TOO_LARGE', { detail: `${probed.width} x ${probed.height} pixels` });
  };
  if (format === 'bmp') {
    const bmp = bmpHeader(bytes);
    const { width, height } = bmp;
    return limited({ format, width, height, alpha: false, bmp, reserveBytes: width * height * 3 });
  }
  if (format === 'jpeg') {
    const header = jpegHeader(bytes);
    if (header && !header.exif && header.width > 0 && header.height > 0) {
      const { width, height, progressive } = header;
      return limited({ format, width, height, alpha: false, reserveBytes: width * height * 3 * (progressive ? 2 : 1) });
    }
  }
  try {
    const {
      autoOrient,
      hasAlpha,
      isProgressive,
      orientation = 1,
      depth,
    } = await sharp(bytes, {
      ...inputOptions(maxPixels),
    }).metadata();
    const { width, height } = autoOrient;
    // Decoded as a whole before the first row is there, turned, or deeper than the result: two pictures at a time.
    const twice = isProgressive || orientation > 1 || depth !== 'uchar' || !['jpeg', 'png', 'tiff'].includes(format);
    return limited({ format, width, height, alpha: hasAlpha, reserveBytes: width * height * 3 * (twice ? 2 : 1) });
  } catch (thrown) {
    throw decodeError(thrown);
  }
}

/** All pixels of a picture. @throws {RookeryError} */
export async function decodePixels(bytes: Uint8Array<ArrayBuffer>, probed: Probed, maxPixels: number): Promise<Pixels> {
  if (probed.bmp) return { width: probed.width, height: probed.height, data: decodeBmp(bytes, probed.bmp) };
  return rgb(sharp(bytes, inputOptions(maxPixels)));
}

/** A picture resized by one of libvips' own kernels to exactly the size that is wanted. @throws {RookeryError} */
export async function decodeResized(
  bytes: Uint8Array<ArrayBuffer>,
  probed: Probed,
  maxPixels: number,
  to: Preprocessing,
  mode: DecodeMode,
): Promise<Pixels> {
  if (to.kernel === 'bilinear-half-pixel' || to.kernel === 'bilinear-align-corners') {
    throw new RookeryError('INTERNAL', { detail: `${to.kernel} is not a kernel of libvips` });
  }
  const options = {
    fit: ({ stretch: 'fill', cover: 'cover', contain: 'contain' } as const)[to.resize],
    kernel: to.kernel,
    background: { r: 0, g: 0, b: 0 },
    fastShrinkOnLoad: mode === 'fast',
  };
  // libvips resizes with premultiplied alpha, which would blend it in: it goes first.
  if (probed.bmp || probed.alpha) {
    const { width, height, data } = await decodePixels(bytes, probed, maxPixels);
    const raw = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: maxPixels });
    return rgb(raw.resize(to.width, to.height, options));
  }
  return rgb(sharp(bytes, inputOptions(maxPixels)).resize(to.width, to.height, options));
}

async function rgb(pipeline: Sharp): Promise<Pixels> {
  try {
    const { data, info } = await pipeline
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3 || data.length !== info.width * info.height * 3) {
      throw new RookeryError('UNSUPPORTED_FORMAT', { detail: `${info.channels} channels` });
    }
    return { width: info.width, height: info.height, data: data as Buffer<ArrayBuffer> };
  } catch (thrown) {
    throw decodeError(thrown);
  }
}
