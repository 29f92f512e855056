import sharp, { type Sharp } from 'sharp';

export interface OpenedPicture {
  readonly picture: Sharp;
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** Whether the file is a JPEG. */
  readonly jpeg: boolean;
}

/** The first frame, upright, in sRGB without alpha, to be drawn on. The classifier has decoded it before: its limits held. */
export async function openPicture(bytes: Uint8Array): Promise<OpenedPicture> {
  const input = sharp(bytes, { limitInputPixels: false, failOn: 'none', page: 0, pages: 1 });
  const { format } = await input.metadata();
  const { data, info } = await input
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const picture = sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
  return { picture, width, height, jpeg: format === 'jpeg' };
}
