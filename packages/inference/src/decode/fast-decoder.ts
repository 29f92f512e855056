import type { Preprocessing } from '@rookery/contracts';
import { RookeryError } from '@rookery/contracts';
import { decodeResized } from './decode-pixels.ts';
import { pictureFormat } from './formats/picture-format.ts';
import { isStillWebp } from './formats/webp-header.ts';
import { cutJpeg, type Shrink } from './jpeg/jpeg-cut.ts';
import { type TurboJpeg, turboJpeg } from './jpeg/turbo-jpeg.ts';
import { libvips } from './libvips/libvips.ts';
import type { Pixels } from './libvips/sharp-decoder.ts';
import type { Probed } from './probe.ts';
import { type FastSize, fastSize, jpegShrink } from './resize/fast-size.ts';
import type { PixelRoom } from './thread/pixel-buffers.ts';

/**
 * A picture decoded as far as the model can see: of a progressive JPEG only the first scans, of any JPEG and WebP fewer pixels. The kernels
 * that are not of libvips then begin with those. `undefined` where there is nothing to skip, or where anything went wrong: decoding all of
 * it says what.
 */
export async function decodeFast(
  bytes: Uint8Array<ArrayBuffer>,
  probed: Probed,
  maxPixels: number,
  to: Preprocessing,
  room: PixelRoom['take'],
): Promise<Pixels | undefined> {
  const turbo = turboFor(probed, to);
  return turbo ? shrinkByTurbo(turbo, bytes, probed, to, room) : shrinkByLibvips(bytes, probed, maxPixels, to);
}

/**
 * The pixels of a JPEG that was cut by somebody who read no more of it (`pictureNeed`): those that `decodeFast` makes of the whole.
 * @throws {RookeryError} PICTURE_CORRUPT where all of it is needed after all.
 */
export async function decodeCut(
  bytes: Uint8Array<ArrayBuffer>,
  probed: Probed,
  maxPixels: number,
  to: Preprocessing,
  room: PixelRoom['take'],
): Promise<Pixels> {
  const pixels =
    (await decodeFast(bytes, probed, maxPixels, to, room)) ??
    // At full size the whole is what libvips decodes, since it is not the whole.
    (cutShrink(probed, to) === 1 ? await (await libvips()).decodeByLibvips(bytes, maxPixels) : undefined);
  if (pixels) return pixels;
  throw new RookeryError('PICTURE_CORRUPT', { detail: 'it needs more than was read' });
}

/** The scale at which a JPEG is decoded, and for which it may be cut. `undefined`: every pixel is needed. */
export const cutShrink = (
  probed: Pick<Probed, 'width' | 'height' | 'plainJpeg'>,
  to: Preprocessing,
): Shrink | undefined =>
  turboFor(probed, to)
    ? jpegShrink(probed.width, probed.height, to)
    : fastSize(probed.width, probed.height, to)?.shrink;

const turboFor = ({ plainJpeg }: Pick<Probed, 'plainJpeg'>, to: Preprocessing): TurboJpeg | undefined =>
  plainJpeg && to.kernel.startsWith('bilinear-') ? turboJpeg() : undefined;

async function shrinkByTurbo(
  turbo: TurboJpeg,
  bytes: Uint8Array<ArrayBuffer>,
  probed: Probed,
  to: Preprocessing,
  room: PixelRoom['take'],
): Promise<Pixels | undefined> {
  const shrink = jpegShrink(probed.width, probed.height, to);
  const needed = shrink && cutJpeg(bytes, shrink);
  if (!needed) return undefined;
  const [width, height] = [probed.width, probed.height].map((side) => Math.ceil(side / shrink)) as [number, number];
  const data = room(width * height * 3);
  return (await turbo.decode(needed, probed, data, shrink)) ? { width, height, data } : undefined;
}

async function shrinkByLibvips(
  bytes: Uint8Array<ArrayBuffer>,
  probed: Probed,
  maxPixels: number,
  to: Preprocessing,
): Promise<Pixels | undefined> {
  const size = fastSize(probed.width, probed.height, to);
  // libvips resizes with premultiplied alpha.
  const needed = size && !probed.alpha && neededOf(bytes, size);
  if (!size || !needed) return undefined;
  try {
    if (!to.kernel.startsWith('bilinear-')) return await decodeResized(needed, probed, maxPixels, to, 'fast');
    if (size.shrink === 1 && needed === bytes) return undefined;
    const { decodeByLibvips, decodeShrunk } = await libvips();
    return await (size.shrink === 1 ? decodeByLibvips(needed, maxPixels) : decodeShrunk(needed, maxPixels, size));
  } catch {
    return undefined;
  }
}

/** The part of a file that is decoded; `undefined`: all of it, at full size. */
function neededOf(bytes: Uint8Array<ArrayBuffer>, { shrink }: FastSize): Uint8Array<ArrayBuffer> | undefined {
  const format = pictureFormat(bytes);
  if (format === 'jpeg') return cutJpeg(bytes, shrink);
  return format === 'webp' && shrink > 1 && isStillWebp(bytes) ? bytes : undefined;
}
