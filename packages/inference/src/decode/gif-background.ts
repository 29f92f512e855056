type Colour = readonly [red: number, green: number, blue: number];

const black: Colour = [0, 0, 0];
const headerBytes = 13;

/**
 * The colour that a GIF's transparent pixels lie on: the background of its logical screen, an entry of its global palette, as OpenCV
 * draws it; black where it has none.
 */
export function gifBackground(bytes: Uint8Array): Colour {
  const flags = bytes[10] ?? 0;
  const entries = flags & 0x80 ? 2 << (flags & 7) : 0;
  const index = bytes[11] ?? 0;
  const at = headerBytes + 3 * index;
  if (index >= entries || at + 3 > bytes.length) return black;
  return [bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0];
}

/** RGBA pixels without their alpha, in their own memory: those that are transparent have the background's colour. */
export function onBackground(rgba: Uint8Array<ArrayBuffer>, [red, green, blue]: Colour): Uint8Array<ArrayBuffer> {
  let to = 0;
  for (let at = 0; at < rgba.length; at += 4, to += 3) {
    const opaque = rgba[at + 3] !== 0;
    rgba[to] = opaque ? (rgba[at] ?? 0) : red;
    rgba[to + 1] = opaque ? (rgba[at + 1] ?? 0) : green;
    rgba[to + 2] = opaque ? (rgba[at + 2] ?? 0) : blue;
  }
  return rgba.subarray(0, to);
}
