import { decodePicture } from '@rookery/inference';
import sharp, { type Sharp } from 'sharp';

export interface OpenedPicture {
  /** To be drawn on. */
  readonly picture: Sharp;
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** Whether the file is a JPEG. */
  readonly jpeg: boolean;
}

/** A picture as the classifier sees it. It was labelled before: the classifier's limits hold for it. */
export async function openPicture(bytes: Uint8Array<ArrayBuffer>): Promise<OpenedPicture> {
  const { data, width, height } = await decodePicture(bytes, { maxPixels: Number.MAX_SAFE_INTEGER });
  const picture = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
  return { picture, width, height, jpeg: bytes[0] === 0xff && bytes[1] === 0xd8 };
}
