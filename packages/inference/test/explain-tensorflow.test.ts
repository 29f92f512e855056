import { type ExportSource, exportModel } from '@rookery/optimizer';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { correlation } from '../../optimizer/test/support/correlation.ts';
import {
  importShared,
  importStarter,
  sourceOfCase,
  sourceOfDraft,
} from '../../optimizer/test/support/export-sources.ts';
import { headCases } from '../../optimizer/test/support/head-cases.ts';
import { openPythonScript, type TensorFlowRun } from '../../optimizer/test/support/python-tensorflow.ts';
import { photographs, starterLabels } from '../../optimizer/test/support/starter-source.ts';
import { type Explanation, openClassifier } from '../src/index.ts';
import { graphsOf } from './colour-seer.ts';
import { servedBy } from './served-by.ts';
import { bird, birdNames, hasShared, sharedFolder } from './shared.ts';

interface GradientRun extends TensorFlowRun {
  readonly classes: readonly (readonly number[])[];
}

/** Of each picture and class: the rows of a map. */
interface GradientMaps {
  readonly features?: string;
  readonly maps?: readonly (readonly (readonly (readonly number[])[])[])[];
  readonly error?: string;
}

const opened = await openPythonScript<GradientRun, GradientMaps>('grad-cam-tensorflow.py').catch(String);
const missing = typeof opened === 'string' ? `: ${opened}` : '';
const top = 3;

describe.skipIf(typeof opened === 'string')(`maps agree with TensorFlow's own gradients${missing}`, () => {
  /** Correlations of the cells, of every map of every picture. */
  async function correlations(source: ExportSource, pictures: readonly Uint8Array[]): Promise<number[]> {
    if (typeof opened === 'string') throw new Error(opened);
    const explanations = await explain(source, pictures);
    const { width, height } = source.manifest.preprocessing;
    const bytes = Uint8Array.from(Buffer.concat(pictures));
    const [found] = await opened([
      {
        files: exportModel(source, 'savedmodel'),
        pixels: source.manifest.signature.input.type === 'uint8' ? bytes : Float32Array.from(bytes),
        shape: [pictures.length, height, width, 3],
        classes: explanations.map(({ maps }) => maps.map(({ index }) => index)),
      },
    ]);
    if (!found?.maps) throw new Error(`TensorFlow said: ${found?.error}`);
    const theirs = found.maps;
    return explanations.flatMap(({ maps, rows, columns }, picture) =>
      maps.map(({ heat }, n) => {
        const cells = theirs[picture]?.[n] ?? [];
        expect([cells.length, cells[0]?.length]).toEqual([rows, columns]);
        return alike(heat, Float32Array.from(cells.flat()));
      }),
    );
  }

  async function expectAlike(source: ExportSource, pictures: readonly Uint8Array[]): Promise<void> {
    const found = await correlations(source, pictures);
    expect(found).toHaveLength(pictures.length * top);
    expect(found.filter((each) => !(each >= 0.99))).toEqual([]);
  }

  it.each(Object.entries(headCases))(
    'where the head is %s',
    async (_, head) => {
      const source = sourceOfCase(head);
      await expectAlike(source, await picturesFor(source));
    },
    240_000,
  );

  it('of the starter model', async () => {
    const source = sourceOfDraft((await importStarter()).draft, 'fp32', starterLabels);
    await expectAlike(source, await picturesFor(source));
  }, 240_000);

  it.skipIf(!hasShared).each(['birds_v1', 'imagenet_small'])(
    'of %s of the shared folder',
    async (model) => {
      const { draft, labels } = await importShared(`${sharedFolder}/models/${model}`);
      const source = sourceOfDraft(draft, 'fp32', labels);
      await expectAlike(source, await picturesFor(source));
    },
    240_000,
  );
});

/** Two maps that are 0 everywhere are alike: nothing speaks for that class. */
const alike = (ours: Float32Array, theirs: Float32Array): number =>
  ours.every((cell) => cell === 0) && theirs.every((cell) => cell === 0) ? 1 : correlation(ours, theirs);

/** As a user has them, from the cells of the engine on. */
async function explain(source: ExportSource, pictures: readonly Uint8Array[]): Promise<Explanation[]> {
  await using classifier = await openClassifier(servedBy(source), { explainGraphs: graphsOf, tuning: 'never' });
  const answers = pictures.map((pixels) => classifier.classifyPixels(pixels.slice(), { top, explain: top }));
  return (await Promise.all(answers)).map(({ explanation }) => {
    if (explanation?.method !== 'grad-cam') throw new Error(`explained by ${explanation?.method}`);
    return explanation;
  });
}

/** Photographs at the size of the model's input, both sides' the same pixels. */
async function picturesFor({ manifest }: ExportSource): Promise<Uint8Array[]> {
  const { width, height } = manifest.preprocessing;
  const names = ['march-pastoral', 'dust-bowl-home', 'acanthus-mollis', 'locomotion-house-cat', 'allium-oreophilum'];
  const files = [...photographs(names).map(([, bytes]) => bytes), ...birdNames.map(bird)];
  return Promise.all(
    files.map((file) =>
      sharp(file).resize(width, height, { fit: 'fill' }).removeAlpha().toColourspace('srgb').raw().toBuffer(),
    ),
  );
}
