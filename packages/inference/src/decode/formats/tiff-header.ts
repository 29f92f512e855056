/** Tags of TIFF 6.0. */
const tags = { bitsPerSample: 258, compression: 259, photometric: 262, sampleFormat: 339 } as const;
const shortType = 3;
const yCbCr = 6;
/** Whole numbers, without a sign or with one; nothing said is 1. Others are floating point, complex or anything. */
const wholeNumbers: readonly number[] = [1, 2, 4];
/** None, LZW, Deflate (two numbers), PackBits, Zstandard: what keeps samples as they are. JPEG turns them into RGB itself. */
const plainCompressions: readonly number[] = [1, 5, 8, 32946, 32773, 50000];

/**
 * Why the first page of a TIFF would come out in other colours: libvips takes floating point for linear light, longer whole numbers for
 * their upper or lower end, and YCbCr for RGB. OpenCV refuses all but the last. `undefined`: it would not.
 */
export function tiffTrouble(bytes: Uint8Array): string | undefined {
  const read = firstValues(bytes);
  const bits = read(tags.bitsPerSample) ?? 1;
  const format = read(tags.sampleFormat) ?? 1;
  if (!wholeNumbers.includes(format)) return `samples of format ${format} are no whole numbers`;
  if (bits > 16) return `${bits} bits a sample`;
  if (read(tags.photometric) === yCbCr && plainCompressions.includes(read(tags.compression) ?? 1))
    return 'YCbCr that is not compressed as JPEG';
  return undefined;
}

/** Reads the first value of a tag, of those that are short: classic TIFF and BigTIFF, either byte order. `undefined`: it is not there. */
function firstValues(bytes: Uint8Array): (tag: number) => number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  const big = view.byteLength >= 16 && view.getUint16(2, little) === 43;
  const offsetAt = (at: number): number => (big ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little));
  const form = big ? { pointer: 8, counter: 8, entry: 20, value: 12 } : { pointer: 4, counter: 2, entry: 12, value: 8 };
  const values = new Map<number, number>();
  if (view.byteLength < 2 * form.pointer) return () => undefined;
  const directory = offsetAt(form.pointer);
  if (directory + form.counter > view.byteLength) return () => undefined;
  const count = big ? offsetAt(directory) : view.getUint16(directory, little);
  const end = Math.min(directory + form.counter + count * form.entry, view.byteLength);
  for (let at = directory + form.counter; at + form.entry <= end; at += form.entry) {
    if (view.getUint16(at + 2, little) !== shortType) continue;
    const numbers = big ? offsetAt(at + 4) : view.getUint32(at + 4, little);
    const valueAt = at + form.value;
    const from = 2 * numbers > form.pointer ? offsetAt(valueAt) : valueAt;
    if (from + 2 <= view.byteLength) values.set(view.getUint16(at, little), view.getUint16(from, little));
  }
  return (tag) => values.get(tag);
}
