import { createRequire } from 'node:module';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { annotatePicture } from '../src/annotate/annotate-picture.ts';

const fontFile = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');
const predictions = [
  { label: 'Galerida cristata', index: 3, score: 0.834512 },
  { label: '<b>&"</b>\u0000', index: 1, score: 0.1 },
];

const plain = async (width: number, height: number, format: 'jpeg' | 'png'): Promise<Uint8Array<ArrayBuffer>> =>
  Uint8Array.from(
    await sharp({ create: { width, height, channels: 3, background: '#3366cc' } })
      .toFormat(format)
      .toBuffer(),
  );

describe('an annotated copy', () => {
  it.each([
    ['a photograph', 800, 600],
    ['a strip', 1, 2_000],
    ['a single pixel', 1, 1],
    ['a panorama', 4_000, 20],
  ])('of %s is the picture with a bar below it, in which there is text', async (_what, width, height) => {
    const { data, format } = await annotatePicture(await plain(width, height, 'png'), predictions, {
      fontFile,
      format: 'same',
    });
    expect(format).toBe('png');
    const copy = sharp(data);
    const info = await copy.metadata();
    expect(info.width).toBe(Math.max(240, width));
    expect(info.height).toBeGreaterThan(height + 20);
    const left = Math.floor((info.width - width) / 2);
    const { dominant } = await sharp(
      await copy.clone().extract({ left, top: 0, width, height }).png().toBuffer(),
    ).stats();
    expect(dominant.b).toBeGreaterThan(dominant.r);
    const bar = { left: 0, top: height, width: info.width, height: info.height - height };
    const { channels } = await sharp(await copy.clone().extract(bar).png().toBuffer()).stats();
    expect(channels[0]?.max).toBeGreaterThan(200);
  });

  it('is a JPEG where the picture is one or where one is asked for', async () => {
    const jpeg = await annotatePicture(await plain(300, 200, 'jpeg'), predictions, { fontFile, format: 'same' });
    const asked = await annotatePicture(await plain(300, 200, 'png'), [], { fontFile, format: 'jpeg' });
    for (const { data, format } of [jpeg, asked]) {
      expect(format).toBe('jpeg');
      expect((await sharp(data).metadata()).format).toBe('jpeg');
    }
  });

  it('is not made of what has too many pixels or is no picture', async () => {
    const options = { fontFile, format: 'jpeg', maxPixels: 1_000 } as const;
    await expect(annotatePicture(await plain(100, 100, 'png'), [], options)).rejects.toMatchObject({
      code: 'PICTURE_TOO_LARGE',
    });
    await expect(annotatePicture(new Uint8Array(20), [], options)).rejects.toMatchObject({
      code: 'UNSUPPORTED_FORMAT',
    });
  });
});
