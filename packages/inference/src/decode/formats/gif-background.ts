import type { GifArea } from './gif-frame.ts';
import { gifPalette } from './gif-palette.ts';

type Colour = readonly [red: number, green: number, blue: number];

const black: Colour = [0, 0, 0];

/**
 * The colour that a GIF's transparent pixels lie on: the background of its logical screen, an entry of its global palette, as OpenCV
 * draws it; black where it has none.
 */
export function gifBackground(bytes: Uint8Array): Colour {
  const { start, end } = gifPalette(bytes);
  const index = bytes[11] ?? 0;
  const at = start + 3 * index;
  if (at >= end || at + 3 > bytes.length) return black;
  return [bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0];
}

/**
 * RGBA pixels without their alpha, in their own memory: those that are transparent, or outside of the frame, have the background's colour.
 */
export function onBackground(
  rgba: Uint8Array<ArrayBuffer>,
  screenWidth: number,
  frame: GifArea | undefined,
  [red, green, blue]: Colour,
): Uint8Array<ArrayBuffer> {
  const rowBytes = 4 * screenWidth;
  let to = 0;
  for (let row = 0, at = 0; at < rgba.length; row++) {
    const hasFrame = !frame || (row >= frame.top && row < frame.top + frame.height);
    const from = at + (hasFrame ? 4 * (frame?.left ?? 0) : rowBytes);
    const end = hasFrame && frame ? from + 4 * frame.width : at + rowBytes;
    for (const next = at + rowBytes; at < next; at += 4, to += 3) {
      const drawn = at >= from && at < end && rgba[at + 3] !== 0;
      rgba[to] = drawn ? (rgba[at] ?? 0) : red;
      rgba[to + 1] = drawn ? (rgba[at + 1] ?? 0) : green;
      rgba[to + 2] = drawn ? (rgba[at + 2] ?? 0) : blue;
    }
  }
  return rgba.subarray(0, to);
}
