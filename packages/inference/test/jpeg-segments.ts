/** An Exif segment with a TIFF structure that may be anything. */
export const exifSegment = (tiff: readonly number[]): number[] => [...Buffer.from('Exif\0\0', 'latin1'), ...tiff];

/** A JPEG with one more APP1 segment right after its start. */
export const withApp1 = (jpeg: Uint8Array, body: readonly number[]): Buffer =>
  Buffer.concat([
    jpeg.subarray(0, 2),
    Buffer.from([0xff, 0xe1, (body.length + 2) >> 8, (body.length + 2) & 0xff, ...body]),
    jpeg.subarray(2),
  ]);
