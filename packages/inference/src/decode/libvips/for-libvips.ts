import { RookeryError } from '@rookery/contracts';
import { pictureFormat } from '../formats/picture-format.ts';
import { exifFirst } from '../formats/png-exif.ts';
import { tiffTrouble } from '../formats/tiff-header.ts';

/**
 * A file as libvips reads it right: animated AVIF under the name of a still one, a PNG's EXIF before its pixels. Nearly always the same bytes.
 * @throws {RookeryError} UNSUPPORTED_FORMAT for a TIFF of which libvips would make other colours without a word.
 */
export function forLibvips(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  switch (pictureFormat(bytes)) {
    case 'avif':
      return asStillAvif(bytes);
    case 'png':
      return exifFirst(bytes);
    case 'tiff': {
      const trouble = tiffTrouble(bytes);
      if (trouble === undefined) return bytes;
      throw new RookeryError('UNSUPPORTED_FORMAT', { detail: `TIFF: ${trouble}` });
    }
    default:
      return bytes;
  }
}

/** A sequence holds a still picture too, which is what is read of it; libvips does not know its major brand. */
function asStillAvif(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const lastOfBrand = 11;
  if (bytes[lastOfBrand] !== 's'.charCodeAt(0)) return bytes;
  const still = bytes.slice();
  still[lastOfBrand] = 'f'.charCodeAt(0);
  return still;
}
