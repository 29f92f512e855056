import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Imported, importModel } from '../src/index.ts';
import { scoresOf } from './support/run-graph.ts';
import { graphFile, operators } from './support/served.ts';

const shared = process.env.ROOKERY_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const models = `${shared}/models/birds_v1`;
const size = 224;

type Expected = Record<string, Record<'fp32' | 'int8', { label: string; index: number; score: number }[]>>;

const pixels = async (path: string): Promise<{ pixels: Uint8Array; height: number; width: number }> => {
  const { data, info } = await sharp(path)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { pixels: new Uint8Array(data), height: info.height, width: info.width };
};

describe.skipIf(!existsSync(`${models}/model.onnx`))('the birds (skipped without the shared folder)', () => {
  const labels = existsSync(`${models}/labels.txt`)
    ? readFileSync(`${models}/labels.txt`, 'utf8').trim().split('\n')
    : [];
  const expected: Expected = existsSync(models) ? JSON.parse(readFileSync(`${models}/expected.json`, 'utf8')) : {};
  let float: Imported;
  let int8: Imported;

  beforeAll(async () => {
    float = await importModel(readFileSync(`${models}/model.onnx`), { labels, source: 'model.onnx' });
    int8 = await importModel(readFileSync(`${models}/model.int8.onnx`), { labels, source: 'model.int8.onnx' });
  }, 120_000);

  const pictures = Object.keys(expected);

  it.each(pictures)('are labelled as the model itself labels them: %s', async (picture) => {
    const resizedAlready = await pixels(`${shared}/pictures/birds_224/${picture.replace(/\.jpg$/, '.png')}`);
    for (const [imported, form, tolerance] of [
      [float, 'fp32', 1e-3],
      [int8, 'int8', 0.03],
    ] as const) {
      const scores = await scoresOf(graphFile(imported), resizedAlready.pixels, [1, size, size, 3]);
      expect(scores.indexOf(Math.max(...scores))).toBe(expected[picture]?.[form][0]?.index);
      for (const { index, score, label } of expected[picture]?.[form] ?? []) {
        expect(labels[index]).toBe(label);
        expect(Math.abs((scores[index] ?? 0) - score)).toBeLessThan(tolerance);
      }
    }
  });

  it('have the numbers of any batch from 1 on with float32, from 2 on with int8', () => {
    expect(float.draft.manifest.variants.fp32?.stableBatch).toBe(1);
    expect(int8.draft.manifest.variants.int8?.stableBatch).toBe(2);
  });

  it('need no scaling where the first layer was trained on the bytes themselves', () => {
    expect(operators(int8).slice(0, 2)).toEqual(['Transpose', 'DequantizeLinear']);
    expect(operators(float).slice(0, 4)).toEqual(['Transpose', 'Cast', 'Add', 'Conv']);
  });

  it('lose no step of the import: each was borne out', () => {
    expect([...float.notes, ...int8.notes].filter((note) => note.startsWith('left out'))).toEqual([]);
  });
});
