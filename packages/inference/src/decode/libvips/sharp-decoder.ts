import type { DecodeMode, Preprocessing } from '@rookery/contracts';
import { RookeryError } from '@rookery/contracts';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { gifBackground, onBackground } from '../formats/gif-background.ts';
import { firstGifFrame } from '../formats/gif-frame.ts';
import { pictureFormat } from '../formats/picture-format.ts';
import { decodeError } from './failure.ts';
import { forLibvips } from './for-libvips.ts';
import { inputOptions } from './sharp-options.ts';

/** RGB, 8 bits, rows from the top without gaps. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

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

/** What a picture's header says. @throws {RookeryError} */
export async function readHeader(bytes: Uint8Array<ArrayBuffer>, maxPixels: number): Promise<Metadata> {
  try {
    return await encoded(bytes, maxPixels).metadata();
  } catch (thrown) {
    throw decodeError(thrown);
  }
}

/** All pixels of a picture that libvips reads. @throws {RookeryError} */
export const decodeByLibvips = (bytes: Uint8Array<ArrayBuffer>, maxPixels: number): Promise<Pixels> =>
  pictureFormat(bytes) === 'gif' ? gif(bytes, maxPixels) : rgb(encoded(bytes, maxPixels));

/** Other formats keep the colours of transparent pixels; what libvips gives for a GIF's, and outside of its frame, is black. */
async function gif(bytes: Uint8Array<ArrayBuffer>, maxPixels: number): Promise<Pixels> {
  try {
    const pipeline = encoded(bytes, maxPixels).toColourspace('srgb').ensureAlpha();
    const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    return {
      width,
      height,
      data: onBackground(data as Buffer<ArrayBuffer>, width, firstGifFrame(bytes), gifBackground(bytes)),
    };
  } catch (thrown) {
    throw decodeError(thrown);
  }
}

/** What libvips resizes: an encoded picture, or pixels that are given. */
export function resizeByLibvips(
  picture: Uint8Array<ArrayBuffer> | Pixels,
  maxPixels: number,
  to: Pick<Preprocessing, 'width' | 'height' | 'resize' | 'kernel'>,
  mode: DecodeMode,
): Promise<Pixels> {
  if (to.kernel === 'bilinear-half-pixel' || to.kernel === 'bilinear-align-corners') {
    throw new RookeryError('INTERNAL', { detail: `${to.kernel} is not a kernel of libvips` });
  }
  const { width, height, kernel } = to;
  const fit = ({ stretch: 'fill', cover: 'cover', contain: 'contain' } as const)[to.resize];
  const pipeline = picture instanceof Uint8Array ? encoded(picture, maxPixels) : fromPixels(picture, maxPixels);
  const background = { r: 0, g: 0, b: 0 };
  return rgb(pipeline.resize(width, height, { fit, kernel, background, fastShrinkOnLoad: mode === 'fast' }));
}

const encoded = (bytes: Uint8Array<ArrayBuffer>, maxPixels: number): Sharp =>
  sharp(forLibvips(bytes), inputOptions(maxPixels));

const fromPixels = ({ width, height, data }: Pixels, maxPixels: number): Sharp =>
  sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: maxPixels });

/**
 * A JPEG or WebP decoded to a third of its size or less: libvips leaves out what it can while it decodes, and resizes the rest of the way.
 * @throws {RookeryError}
 */
export function decodeShrunk(
  bytes: Uint8Array<ArrayBuffer>,
  maxPixels: number,
  size: Pick<Pixels, 'width' | 'height'>,
): Promise<Pixels> {
  const options = { fit: 'fill', kernel: 'lanczos3', fastShrinkOnLoad: true } as const;
  return rgb(encoded(bytes, maxPixels).resize(size.width, size.height, options));
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
