/** AV1 has no larger frames. Pixels. */
const largest = 65_536;

/**
 * Whether every image item of an AVIF (`ispe` in its `meta` box, ISO 23008-12) has a size that AV1 can have. libvips takes any number from
 * there and complains about absurd ones on stderr.
 */
export function avifExtentsAreSane(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const meta = boxNamed(view, 'meta');
  for (let at = meta.from; at + 16 <= meta.to; at++) {
    if (view.getUint32(at) !== fourCharacters('ispe')) continue;
    // After the type: version and flags, width, height.
    if (view.getUint32(at + 8) > largest || view.getUint32(at + 12) > largest) return false;
  }
  return true;
}

const fourCharacters = (text: string): number => Buffer.from(text, 'latin1').readUInt32BE();

function boxNamed(view: DataView, name: string): { from: number; to: number } {
  for (let at = 0; at + 8 <= view.byteLength; ) {
    const size = view.getUint32(at);
    if (view.getUint32(at + 4) === fourCharacters(name))
      return { from: at + 8, to: Math.min(at + size, view.byteLength) };
    // 0 is "to the end of the file", 1 a size of 64 bits: neither comes before the items are described.
    if (size < 8) break;
    at += size;
  }
  return { from: 0, to: 0 };
}
