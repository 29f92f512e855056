const orientationTag = 0x0112;
const shortType = 3;
const longType = 4;
const entryBytes = 12;

/**
 * How a picture is turned, 1 (upright) to 8, by the body of an Exif segment after its `Exif\0\0` (TIFF 6.0, section 2; the first directory
 * only). `undefined` where anything is out of the ordinary.
 */
export function exifOrientation(tiff: Uint8Array): number | undefined {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  if (tiff.length < 14) return undefined;
  const order = view.getUint16(0);
  const little = order === 0x4949;
  if ((!little && order !== 0x4d4d) || view.getUint16(2, little) !== 42) return undefined;
  const directory = view.getUint32(4, little);
  if (directory < 8 || directory + 2 > tiff.length) return undefined;
  const entries = view.getUint16(directory, little);
  if (directory + 2 + entries * entryBytes > tiff.length) return undefined;
  let orientation = 1;
  let seen = 0;
  for (let at = directory + 2; at < directory + 2 + entries * entryBytes; at += entryBytes) {
    if (view.getUint16(at, little) !== orientationTag) continue;
    const type = view.getUint16(at + 2, little);
    if (type !== shortType && type !== longType) return undefined;
    orientation = type === shortType ? view.getUint16(at + 8, little) : view.getUint32(at + 8, little);
    // Decoders do not agree on what a long one says, unless it says nothing.
    const understood = orientation >= 1 && orientation <= (type === shortType ? 8 : 1);
    if (!understood || view.getUint32(at + 4, little) !== 1 || ++seen > 1) return undefined;
  }
  return orientation;
}
