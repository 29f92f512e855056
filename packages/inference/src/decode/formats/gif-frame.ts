import { gifPalette } from './gif-palette.ts';

const extension = 0x21;
const imageDescriptor = 0x2c;

/** A part of a GIF's screen. Pixels. */
export interface GifArea {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where the first frame of a GIF lies on its screen (GIF89a, 20). `undefined`: there is none. */
export function firstGifFrame(bytes: Uint8Array): GifArea | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = gifPalette(bytes).end;
  while (bytes[at] === extension) {
    at += 2;
    while (bytes[at]) at += 1 + (bytes[at] ?? 0);
    at += 1;
  }
  if (bytes[at] !== imageDescriptor || at + 9 > bytes.length) return undefined;
  const [left, top, width, height] = [1, 3, 5, 7].map((offset) => view.getUint16(at + offset, true)) as [
    number,
    number,
    number,
    number,
  ];
  return { left, top, width, height };
}
