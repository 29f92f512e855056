import type { Prediction } from '@rookery/contracts';
import { decodePicture } from '../decode-picture.ts';
import { renderCaption } from './caption.ts';

export interface AnnotateOptions {
  /** DejaVu Sans Bold, or another font that goes by this name. */
  readonly fontFile: string;
  /** `same`: JPEG stays JPEG, everything else becomes PNG. */
  readonly format: 'jpeg' | 'same';
  /** Width times height. Default: none, for a picture that was labelled before. */
  readonly maxPixels?: number | undefined;
}

export interface AnnotatedPicture {
  readonly data: Buffer;
  readonly format: 'jpeg' | 'png';
}

/**
 * A copy of a picture with its labels in a bar below it, readable at any size. Holds the whole picture decoded; libvips is loaded when it
 * is first called.
 * @throws {RookeryError} UNSUPPORTED_FORMAT, PICTURE_CORRUPT, PICTURE_TOO_LARGE.
 */
export async function annotatePicture(
  bytes: Uint8Array<ArrayBuffer>,
  predictions: readonly Prediction[],
  { fontFile, format, maxPixels = Number.MAX_SAFE_INTEGER }: AnnotateOptions,
): Promise<AnnotatedPicture> {
  const jpeg = format === 'jpeg' || (bytes[0] === 0xff && bytes[1] === 0xd8);
  const { data, width, height } = await decodePicture(bytes, { maxPixels });
  const { default: sharp } = await import('sharp');
  const caption = await renderCaption(predictions, { width, height, fontFile });
  const wider = Math.max(0, caption.width - width);
  const left = Math.floor(wider / 2);
  const copy = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .extend({ bottom: caption.height, left, right: wider - left, background: caption.background })
    .composite([{ input: caption.png, left: 0, top: height }]);
  return { data: await (jpeg ? copy.jpeg({ quality: 90 }) : copy.png()).toBuffer(), format: jpeg ? 'jpeg' : 'png' };
}
