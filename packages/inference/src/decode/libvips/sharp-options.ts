import type { SharpOptions } from 'sharp';

/**
 * Pixels as OpenCV's `imread` gave them to the original: EXIF orientation applied, alpha dropped and not blended (a GIF's
 * transparent pixels have its background's colour), 16 bits cut to the
 * upper 8, grey as three equal channels, profiles ignored. CMYK goes through libvips' own CMYK profile, since the plain formula is far
 * off for pictures that were made for print. `failOn: 'error'`: a file that ends too early is PICTURE_CORRUPT, a decoder's mere warning
 * is none. Only the first frame or page is read.
 */
export const inputOptions = (maxPixels: number): SharpOptions => ({
  failOn: 'error',
  limitInputPixels: maxPixels,
  ignoreIcc: true,
  autoOrient: true,
});
