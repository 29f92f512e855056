import type { Pin } from '@rookery/contracts';
import { cutShrink } from './fast-decoder.ts';
import { pictureFormat } from './formats/picture-format.ts';
import { closedJpeg, endsAsJpeg, jpegCutEnd } from './jpeg/jpeg-cut.ts';
import { jpegHeader } from './jpeg/jpeg-header.ts';
import { walkScans } from './jpeg/jpeg-scans.ts';

/** Judges how much of a picture a model sees, for whoever reads it piece by piece. */
export interface PictureNeed {
  /**
   * By its first bytes. `end`: no more than these, if the file ends as it should (`isWhole` of its last two bytes); `more`: it cannot be told
   * yet; `all`: every byte.
   */
  of(head: Uint8Array): 'more' | 'all' | { readonly end: number };
  /** Whether a file that ends so is not cut off. */
  isWhole(lastTwo: Uint8Array): boolean;
  /** What is classified instead of the whole, as `isCut`. */
  cut(head: Uint8Array, end: number): Uint8Array<ArrayBuffer>;
}

/** `undefined`: a model that is given every pixel. */
export function pictureNeed({ decode, preprocessing, maxPixels }: Pin): PictureNeed | undefined {
  if (decode !== 'fast') return undefined;
  return {
    of(head) {
      if (pictureFormat(head) !== 'jpeg') return 'all';
      const header = jpegHeader(head);
      if (!header) return walkScans(head, () => false) === 'short' ? 'more' : 'all';
      const { width, height, coefficientBytes, upright, plain: plainJpeg } = header;
      if (coefficientBytes === 0 || !upright || width === 0 || height === 0 || width * height > maxPixels) return 'all';
      const shrink = cutShrink({ width, height, plainJpeg }, preprocessing);
      const end = shrink ? jpegCutEnd(head, shrink) : 'whole';
      if (end === 'short') return 'more';
      return typeof end === 'string' ? 'all' : { end };
    },
    isWhole: endsAsJpeg,
    cut: closedJpeg,
  };
}
