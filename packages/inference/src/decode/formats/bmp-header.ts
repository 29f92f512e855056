import { RookeryError } from '@rookery/contracts';

/** Of a Windows or OS/2 bitmap. */
export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  /** Rows from the top; usually they come from the bottom. */
  readonly topDown: boolean;
  readonly bitsPerPixel: 1 | 4 | 8 | 16 | 24 | 32;
  readonly compression: 'none' | 'rle8' | 'rle4';
  /** Red, green, blue bits of 16- and 32-bit pixels. */
  readonly masks: readonly [number, number, number];
  /** Where the palette begins, its entries, and the bytes of one (blue, green, red, and a fourth in all but the oldest form). */
  readonly palette: { readonly at: number; readonly entries: number; readonly entryBytes: 3 | 4 };
  /** Where the pixels begin. */
  readonly pixelsAt: number;
}

const depths: readonly number[] = [1, 4, 8, 16, 24, 32];
const rgb555 = [0x7c00, 0x03e0, 0x001f] as const;
const rgb888 = [0xff0000, 0x00ff00, 0x0000ff] as const;
const corrupt = (detail: string): RookeryError => new RookeryError('PICTURE_CORRUPT', { detail: `BMP: ${detail}` });
const unsupported = (detail: string): RookeryError =>
  new RookeryError('UNSUPPORTED_FORMAT', { detail: `BMP: ${detail}` });

/**
 * Reads BITMAPFILEHEADER and what follows it: BITMAPCOREHEADER (12 bytes) or BITMAPINFOHEADER and its longer versions.
 * @throws {RookeryError} PICTURE_CORRUPT, UNSUPPORTED_FORMAT (a JPEG or PNG inside, unusual depths).
 */
export function bmpHeader(bytes: Uint8Array): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 26) throw corrupt('no header');
  const pixelsAt = view.getUint32(10, true);
  const size = view.getUint32(14, true);
  const core = size === 12;
  if (!core && (size < 40 || size > 124)) throw unsupported(`header of ${size} bytes`);
  if (bytes.length < 14 + size) throw corrupt('the header is cut off');

  const width = core ? view.getUint16(18, true) : view.getInt32(18, true);
  const rows = core ? view.getUint16(20, true) : view.getInt32(22, true);
  const bitsPerPixel = view.getUint16(core ? 24 : 28, true);
  const method = core ? 0 : view.getUint32(30, true);
  if (width <= 0 || rows === 0 || rows === -0x80000000) throw corrupt(`${width} x ${rows} pixels`);
  if (!depths.includes(bitsPerPixel)) throw unsupported(`${bitsPerPixel} bits a pixel`);

  const bitfields = method === 3 || method === 6;
  const compression = method === 1 ? 'rle8' : method === 2 ? 'rle4' : 'none';
  if (method > 2 && !bitfields) throw unsupported(`compression ${method}`);
  if (bitfields && bitsPerPixel !== 16 && bitsPerPixel !== 32) throw corrupt('bit fields without 16 or 32 bits');
  if (compression === 'rle8' && bitsPerPixel !== 8) throw corrupt('RLE8 without 8 bits');
  if (compression === 'rle4' && bitsPerPixel !== 4) throw corrupt('RLE4 without 4 bits');
  if (compression !== 'none' && rows < 0) throw corrupt('runs from the top');

  let masks: readonly [number, number, number] = bitsPerPixel === 16 ? rgb555 : rgb888;
  // In a header of 40 bytes the masks follow it; longer ones hold them at the same place.
  if (bitfields) {
    if (bytes.length < 66) throw corrupt('the bit fields are cut off');
    masks = [view.getUint32(54, true), view.getUint32(58, true), view.getUint32(62, true)];
  }

  const masksBytes = bitfields && size === 40 ? (method === 6 ? 16 : 12) : 0;
  const at = 14 + size + masksBytes;
  const entryBytes = core ? 3 : 4;
  const most = bitsPerPixel <= 8 ? 1 << bitsPerPixel : 0;
  const declared = core ? 0 : view.getUint32(46, true);
  const wanted = declared === 0 ? most : Math.min(declared, most);
  const room = Math.max(0, Math.floor((Math.min(bytes.length, pixelsAt) - at) / entryBytes));
  if (pixelsAt < 14 + size || pixelsAt > bytes.length) throw corrupt('the pixels begin outside of the file');
  return {
    width,
    height: Math.abs(rows),
    topDown: rows < 0,
    bitsPerPixel: bitsPerPixel as BmpHeader['bitsPerPixel'],
    compression,
    masks,
    palette: { at, entries: Math.min(wanted, room), entryBytes },
    pixelsAt,
  };
}
