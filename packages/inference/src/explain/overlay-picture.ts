import { decodePicture } from '../decode-picture.ts';
import type { Explanation } from './explanation.ts';
import { heatOfPicture } from './heat.ts';
import { heatColour } from './heat-colour.ts';

export interface ExplainedPicture {
  /** The picture with the map laid over it, JPEG. */
  readonly overlay: Buffer;
  /** The map alone at the size of the picture, grey, PNG. */
  readonly heat: Buffer;
}

/** How much of the colour is seen where the heat is greatest. */
const strongest = 0.7;

/**
 * Draws the maps of an explanation over the picture that they explain, one picture a map, in the order of the maps. Holds the picture decoded;
 * libvips is loaded when it is first called.
 * @throws {RookeryError} UNSUPPORTED_FORMAT, PICTURE_CORRUPT, PICTURE_TOO_LARGE.
 */
export async function* overlayPicture(
  bytes: Uint8Array<ArrayBuffer>,
  explanation: Explanation,
  { maxPixels = Number.MAX_SAFE_INTEGER }: { readonly maxPixels?: number | undefined } = {},
): AsyncGenerator<ExplainedPicture> {
  const { data, width, height } = await decodePicture(bytes, { maxPixels });
  const { default: sharp } = await import('sharp');
  for (const { heat } of explanation.maps) {
    const grey = heatOfPicture({ ...explanation, heat }, width, height);
    const limitInputPixels = false;
    const overlay = sharp(blended(data, grey), { raw: { width, height, channels: 3 }, limitInputPixels });
    const alone = sharp(grey, { raw: { width, height, channels: 1 }, limitInputPixels });
    yield {
      overlay: await overlay.jpeg({ quality: 90 }).toBuffer(),
      heat: await alone.toColourspace('b-w').png().toBuffer(),
    };
  }
}

/** The colour of each degree of heat comes through the more the hotter it is: where the model did not look the picture stays as it is. */
function blended(pixels: Uint8Array, grey: Uint8Array): Uint8Array {
  const out = new Uint8Array(pixels.length);
  for (let at = 0; at < grey.length; at += 1) {
    const degree = grey[at] ?? 0;
    const share = (degree / 255) * strongest;
    const colour = heatColour(degree);
    for (let channel = 0; channel < 3; channel += 1) {
      const own = pixels[at * 3 + channel] ?? 0;
      out[at * 3 + channel] = Math.round(own + ((colour[channel] ?? 0) - own) * share);
    }
  }
  return out;
}
