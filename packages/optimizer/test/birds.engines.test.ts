import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Imported, importModel } from '../src/index.ts';
import { decodeModel } from '../src/onnx/codec.ts';
import { randomPictures } from '../src/random-pictures.ts';
import { scoresOf } from './support/run-graph.ts';
import { graphFile, operators } from './support/served.ts';

const shared = process.env.ROOKERY_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const models = `${shared}/models/birds_v1`;
const size = 224;

const variantOf = ({ draft }: Imported, variant: string): Uint8Array =>
  draft.files.get(`model.${variant}.onnx`) ?? new Uint8Array();
const operatorsOf = (graph: Uint8Array): string[] => decodeModel(graph).graph.node.map(({ opType }) => opType);

type Expected = Record<string, Record<'fp32' | 'int8' | 'tflite', { label: string; index: number; score: number }[]>>;

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
  let lite: Imported;

  beforeAll(async () => {
    float = await importModel(readFileSync(`${models}/model.onnx`), { labels, source: 'model.onnx' });
    int8 = await importModel(readFileSync(`${models}/model.int8.onnx`), { labels, source: 'model.int8.onnx' });
    lite = await importModel(readFileSync(`${models}/model.tflite`), { labels, source: 'model.tflite' });
  }, 120_000);

  const pictures = Object.keys(expected);

  it.each(pictures)('are labelled as the model itself labels them: %s', async (picture) => {
    const resizedAlready = await pixels(`${shared}/pictures/birds_224/${picture.replace(/\.jpg$/, '.png')}`);
    for (const [graph, form, tolerance] of [
      [graphFile(float), 'fp32', 1e-3],
      [graphFile(int8), 'int8', 0.03],
      [variantOf(lite, 'fp32'), 'fp32', 1e-3],
      [variantOf(lite, 'int8'), 'tflite', 0.033],
    ] as const) {
      const scores = await scoresOf(graph, resizedAlready.pixels, [1, size, size, 3]);
      expect(scores.indexOf(Math.max(...scores))).toBe(expected[picture]?.[form][0]?.index);
      for (const { index, score, label } of expected[picture]?.[form] ?? []) {
        expect(labels[index]).toBe(label);
        expect(Math.abs((scores[index] ?? 0) - score)).toBeLessThan(tolerance);
      }
    }
  });

  it('have the scores of the ONNX file for random pictures where they come from the TFLite file', async () => {
    const random = randomPictures(3, size, size, 12);
    const [ours, theirs] = [variantOf(lite, 'fp32'), graphFile(float)];
    const wanted = await scoresOf(theirs, random, [3, size, size, 3]);
    const given = await scoresOf(ours, random, [3, size, size, 3]);
    for (const [at, score] of wanted.entries()) expect(Math.abs((given[at] ?? Number.NaN) - score)).toBeLessThan(1e-5);
  });

  it('have the numbers of any batch from 1 on with float32, from 2 on with int8', () => {
    expect(float.draft.manifest.variants.fp32?.stableBatch).toBe(1);
    expect(int8.draft.manifest.variants.int8?.stableBatch).toBe(2);
    // With weights around 0 and scores that are not rounded, so does int8 of the TFLite file, on this machine.
    expect(lite.draft.manifest.variants.fp32?.stableBatch).toBe(1);
    expect(lite.draft.manifest.variants.int8?.stableBatch).toBeLessThanOrEqual(2);
  });

  it('need no scaling where the first layer was trained on the bytes themselves', () => {
    expect(operators(int8).slice(0, 2)).toEqual(['Transpose', 'DequantizeLinear']);
    expect(operatorsOf(variantOf(lite, 'int8')).slice(0, 2)).toEqual(['Transpose', 'DequantizeLinear']);
    expect(operators(float).slice(0, 4)).toEqual(['Transpose', 'Cast', 'Add', 'Conv']);
  });

  it('lose no step of the import: each was borne out', () => {
    expect([...float.notes, ...int8.notes, ...lite.notes].filter((note) => note.startsWith('left out'))).toEqual([]);
  });
});
