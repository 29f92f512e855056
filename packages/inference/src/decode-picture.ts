import type { Pixels } from './decode/libvips/sharp-decoder.ts';
import { defaultMaxPixels } from './pin.ts';

/**
 * All pixels of a picture, upright, as the classifier sees them before it resizes: for whoever draws on a picture. In the caller's
 * thread; libvips is loaded when it is first called.
 * @throws {RookeryError} UNSUPPORTED_FORMAT, PICTURE_CORRUPT, PICTURE_TOO_LARGE.
 */
export async function decodePicture(
  bytes: Uint8Array<ArrayBuffer>,
  { maxPixels = defaultMaxPixels }: { readonly maxPixels?: number | undefined } = {},
): Promise<Pixels> {
  const [{ decodePixels }, { probe }] = await Promise.all([
    import('./decode/decode-pixels.ts'),
    import('./decode/probe.ts'),
  ]);
  return decodePixels(bytes, await probe(bytes, maxPixels), maxPixels);
}
