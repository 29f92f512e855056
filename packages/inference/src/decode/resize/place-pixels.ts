import { RookeryError } from '@rookery/contracts';
import type { GivenPixels } from '../../classifier.ts';

/**
 * Writes a picture that was decoded and resized elsewhere into a slot of the same length. Fractions are rounded where the slot holds whole
 * numbers.
 * @throws {RookeryError} PICTURE_CORRUPT for a value that is not from 0 to 255.
 */
export function placePixels(pixels: GivenPixels, slot: Uint8Array | Float32Array): void {
  if (pixels instanceof Uint8Array) {
    slot.set(pixels);
    return;
  }
  const whole = slot instanceof Uint8Array;
  for (let at = 0; at < pixels.length; at++) {
    const value = pixels[at] as number;
    // Also where it is not a number.
    if (!(value >= 0 && value <= 255))
      throw new RookeryError('PICTURE_CORRUPT', { detail: `value ${at} is ${value}, not from 0 to 255` });
    slot[at] = whole ? Math.round(value) : value;
  }
}
