import { createHash } from 'node:crypto';
import type { Classification, Classifier, ClassifyOptions, GivenPixels } from '@rookery/inference';

/** A picture to be labelled: encoded, or the values of the model's input. */
export type ServedPicture =
  | { readonly kind: 'encoded'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'pixels'; readonly pixels: GivenPixels };

/** What decides who answers for pictures: the SHA-256 of their bytes, one after the other. */
export function keyOf(pictures: readonly ServedPicture[]): string {
  const hash = createHash('sha256');
  for (const picture of pictures) hash.update(picture.kind === 'encoded' ? picture.bytes : picture.pixels);
  return hash.digest('hex');
}

export const copyOf = (picture: ServedPicture): ServedPicture =>
  picture.kind === 'encoded'
    ? { kind: 'encoded', bytes: picture.bytes.slice() }
    : { kind: 'pixels', pixels: picture.pixels.slice() as GivenPixels };

/** Labels it, whose bytes are given away. @throws as `Classifier.classify` and `classifyPixels` */
export const classifyServed = (
  classifier: Classifier,
  picture: ServedPicture,
  options: ClassifyOptions,
): Promise<Classification> =>
  picture.kind === 'encoded'
    ? classifier.classify(picture.bytes, options)
    : classifier.classifyPixels(picture.pixels, options);
