import { defaultMaxPixels } from './pin.ts';

export interface ThumbnailOptions {
  /** Side of the square that it fits into. Pixels. */
  readonly side: number;
  readonly maxPixels?: number | undefined;
  /** @default 'webp' */
  readonly format?: 'webp' | 'jpeg' | undefined;
}

/**
 * A picture scaled down to fit a square, upright, without any of its metadata. One that is smaller stays as it is. In the caller's
 * process; libvips is loaded when it is first called.
 * @throws {RookeryError} UNSUPPORTED_FORMAT, PICTURE_CORRUPT, PICTURE_TOO_LARGE.
 */
export async function pictureThumbnail(
  bytes: Uint8Array<ArrayBuffer>,
  { side, maxPixels = defaultMaxPixels, format = 'webp' }: ThumbnailOptions,
): Promise<Uint8Array> {
  const [{ decodeResized }, { probe }, { default: sharp }] = await Promise.all([
    import('./decode/decode-pixels.ts'),
    import('./decode/probe.ts'),
    import('sharp'),
  ]);
  const probed = await probe(bytes, maxPixels);
  const scale = Math.min(1, side / Math.max(probed.width, probed.height));
  const size = (pixels: number): number => Math.max(1, Math.round(pixels * scale));
  const to = {
    width: size(probed.width),
    height: size(probed.height),
    resize: 'stretch',
    kernel: 'lanczos3',
  } as const;
  const { data, width, height } = await decodeResized(bytes, probed, maxPixels, to, 'fast');
  const small = sharp(data, { raw: { width, height, channels: 3 } });
  return (format === 'jpeg' ? small.jpeg({ quality: 80 }) : small.webp({ quality: 78, effort: 1 })).toBuffer();
}
