import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { photograph } from './pictures.ts';

const names = [
  'acanthus-mollis',
  'airplane-from-above',
  'allium-oreophilum',
  'black-canyon',
  'dust-bowl-home',
  'french-alpine-landscape',
  'locomotion-house-cat',
  'march-pastoral',
  'nagasaki-boats',
];

export interface Variation {
  /** Factor of every value. */
  readonly light: number;
  /** Shares of which photograph; all alike where nothing is said. */
  readonly only?: readonly string[];
  readonly random: () => number;
}

/** Writes JPEGs of random parts of the starter's photographs, mirrored or not. */
export async function writeVaried(
  folder: string,
  count: number,
  { light, only = names, random }: Variation,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const photographs = await Promise.all(
    only.map((name) =>
      sharp(photograph(name)).removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true }),
    ),
  );
  for (let at = 0; at < count; at++) {
    const picture = photographs[at % photographs.length];
    if (!picture) throw new Error('no photograph');
    const { width, height, channels } = picture.info;
    const side = Math.floor(Math.min(width, height) * (0.6 + 0.4 * random()));
    const left = Math.floor((width - side) * random());
    const top = Math.floor((height - side) * random());
    const part = sharp(picture.data, { raw: { width, height, channels } })
      .extract({ left, top, width: side, height: side })
      .resize(240, 240)
      .linear(light, 0);
    const bytes = await (random() < 0.5 ? part.flop() : part).jpeg({ quality: 85 }).toBuffer();
    await writeFile(join(folder, `${String(at).padStart(4, '0')}.jpg`), bytes);
  }
}
