import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { explanationWriter } from '../src/classify/write-explanation.ts';
import { aFolder } from './a-host.ts';

it('an explanation is a picture, a map and a line for each label that is shown', async () => {
  const folder = aFolder();
  const grey = sharp({ create: { width: 30, height: 20, channels: 3, background: '#808080' } });
  const picture = new Uint8Array(await grey.png().toBuffer());
  const heat = Float32Array.of(0, 1, 0.33333, 0);
  await explanationWriter(folder)('a.png', picture, {
    source: 'birds/a.png',
    width: 30,
    height: 20,
    predictions: [{ label: 'Pica pica / "Elster"', index: 4, score: 0.75 }],
    explanation: {
      method: 'grad-cam',
      error: 0,
      columns: 2,
      rows: 2,
      area: { left: 0, top: 0, width: 1, height: 1 },
      // The second label is below the threshold.
      maps: [
        { index: 4, heat },
        { index: 2, heat },
      ],
    },
    times: { read: 0, decode: 0, wait: 0, infer: 0, topK: 0 },
  });
  const base = 'a.png.1-pica-pica-elster';
  expect(readdirSync(folder).sort()).toEqual([`${base}.heat.png`, `${base}.jpg`, 'a.png.json']);
  expect(JSON.parse(readFileSync(join(folder, 'a.png.json'), 'utf8'))).toEqual({
    method: 'grad-cam',
    error: 0,
    columns: 2,
    rows: 2,
    area: { left: 0, top: 0, width: 1, height: 1 },
    maps: [
      {
        label: 'Pica pica / "Elster"',
        index: 4,
        score: 0.75,
        overlay: `${base}.jpg`,
        heat: `${base}.heat.png`,
        cells: [0, 1, 0.3333, 0],
      },
    ],
  });
  const { data } = await sharp(join(folder, `${base}.heat.png`))
    .extractChannel(0)
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([data[0], data[29]]).toEqual([0, 255]);
});
