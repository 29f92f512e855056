/** What comes before the palette: the signature and the logical screen. Bytes. */
const headerBytes = 13;

/** The global palette of a GIF: three bytes a colour, from `start` to before `end` (GIF89a, 18 and 19). Empty where it has none. */
export function gifPalette(bytes: Uint8Array): { readonly start: number; readonly end: number } {
  const flags = bytes[10] ?? 0;
  const colours = flags & 0x80 ? 2 << (flags & 7) : 0;
  return { start: headerBytes, end: headerBytes + 3 * colours };
}
