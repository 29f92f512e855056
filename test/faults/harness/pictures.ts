import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { randomFrom } from './random.ts';

/** Keys of the pictures, in the order of a listing. */
export const keysOf = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${String(index).padStart(4, '0')}.jpg`);

/** A JPEG of 32 to 64 pixels a side like no other: the same for the same seed. */
export async function aPicture(seed: number): Promise<Buffer> {
  const random = randomFrom(seed);
  const colour = () => ({ r: random.between(0, 255), g: random.between(0, 255), b: random.between(0, 255) });
  const [width, height] = [random.between(32, 64), random.between(32, 64)];
  const [inner, outer] = [colour(), colour()];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <circle cx="${random.between(0, width)}" cy="${random.between(0, height)}" r="${random.between(6, 30)}"
      fill="rgb(${inner.r},${inner.g},${inner.b})"/></svg>`;
  const picture = sharp({ create: { width, height, channels: 3, background: outer } });
  return picture
    .composite([{ input: Buffer.from(svg) }])
    .jpeg()
    .toBuffer();
}

/** So many pictures in a folder, which is made. */
export async function writePictures(folder: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [seed, key] of keysOf(count).entries()) await writeFile(join(folder, key), await aPicture(seed));
}
