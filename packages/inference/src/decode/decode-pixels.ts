import type { DecodeMode, Preprocessing } from '@rookery/contracts';
import { decodeBmp } from './formats/bmp.ts';
import { turboJpeg } from './jpeg/turbo-jpeg.ts';
import { libvips } from './libvips/libvips.ts';
import type { Pixels } from './libvips/sharp-decoder.ts';
import type { Probed } from './probe.ts';
import { newRoom } from './thread/pixel-buffers.ts';

/** All pixels of a picture; `room`: where those of a JPEG are written to. @throws {RookeryError} */
export async function decodePixels(
  bytes: Uint8Array<ArrayBuffer>,
  probed: Probed,
  maxPixels: number,
  room = newRoom,
): Promise<Pixels> {
  const { width, height, bmp, plainJpeg } = probed;
  if (bmp) return { width, height, data: decodeBmp(bytes, bmp) };
  const turbo = plainJpeg ? turboJpeg() : undefined;
  if (turbo) {
    const data = room(width * height * 3);
    if (await turbo.decode(bytes, { width, height }, data)) return { width, height, data };
    // libvips says whether it is a mere warning, or what is wrong.
  }
  return (await libvips()).decodeByLibvips(bytes, maxPixels);
}

/** A picture resized by one of libvips' own kernels to exactly the size that is wanted. @throws {RookeryError} */
export async function decodeResized(
  bytes: Uint8Array<ArrayBuffer>,
  probed: Probed,
  maxPixels: number,
  to: Pick<Preprocessing, 'width' | 'height' | 'resize' | 'kernel'>,
  mode: DecodeMode,
): Promise<Pixels> {
  // libvips resizes with premultiplied alpha, which would blend it in: it goes first.
  const whole = probed.bmp || probed.alpha;
  const picture = whole ? await decodePixels(bytes, probed, maxPixels) : bytes;
  return (await libvips()).resizeByLibvips(picture, maxPixels, to, mode);
}
