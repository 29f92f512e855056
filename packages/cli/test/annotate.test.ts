import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createAnnotator } from '../src/classify/annotate.ts';
import { aFolder } from './a-host.ts';

const predictions = [
  { label: 'Phalacrocorax varius varius', index: 918, score: 0.8465 },
  { label: '<b>& "дрозд"\u0000</b>', index: 1, score: 0.1108 },
];

const aPicture = async (width: number, height: number, format: 'jpeg' | 'png' = 'jpeg') =>
  new Uint8Array(
    await sharp({ create: { width, height, channels: 3, background: '#204060' } })
      [format]()
      .toBuffer(),
  );

describe('an annotated copy', () => {
  it('is the picture with the bar below it; JPEG stays JPEG, everything else becomes PNG', async () => {
    const folder = aFolder();
    const annotate = createAnnotator(folder);
    await annotate('a.jpg', await aPicture(300, 200), predictions);
    await annotate(
      'b.webp',
      new Uint8Array(
        await sharp(await aPicture(20, 10, 'png'))
          .webp()
          .toBuffer(),
      ),
      predictions,
    );
    await annotate('c.png', await aPicture(20, 10), predictions);
    expect(readdirSync(folder).sort()).toEqual(['a.jpg', 'b.webp.png', 'c.png.jpg']);
    const { width, height, format } = await sharp(join(folder, 'a.jpg')).metadata();
    expect({ width, format }).toEqual({ width: 300, format: 'jpeg' });
    expect(height).toBeGreaterThan(230);
    expect(await sharp(join(folder, 'b.webp.png')).metadata()).toMatchObject({ width: 240, format: 'png' });
  });

  it('of a turned picture is upright', async () => {
    const folder = aFolder();
    const turned = await sharp(await aPicture(300, 200))
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    await createAnnotator(folder)('turned.jpg', new Uint8Array(turned), predictions);
    const { width, orientation } = await sharp(join(folder, 'turned.jpg')).metadata();
    expect({ width, orientation }).toEqual({ width: 240, orientation: undefined });
  });
});
