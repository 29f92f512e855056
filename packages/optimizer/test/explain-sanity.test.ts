import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { explainGraphs, importLayersModel } from '../src/index.ts';
import { decodeModel, encodeModel } from '../src/onnx/codec.ts';
import { floatTensor, tensorDims, tensorNumbers } from '../src/onnx/tensor.ts';
import { openSession, tensor } from '../src/session.ts';
import { correlation } from './support/correlation.ts';
import { numbers } from './support/small-models.ts';
import { photographs, starterLabels, starterSource } from './support/starter-source.ts';

const [size, classes] = [224, starterLabels.length];

/** Adebayo et al., "Sanity Checks for Saliency Maps" (2018): a map that stays as it is when the model forgets what it learnt explains nothing. */
describe('maps of the starter model', () => {
  let file: Uint8Array;
  let pictures: Float32Array[];
  let original: Float32Array[];

  beforeAll(async () => {
    const options = { source: 'nsfwjs', range: '0..1', channels: 'rgb', resize: 'stretch' } as const;
    const kernel = 'bilinear-align-corners';
    const { draft } = await importLayersModel(starterSource(), { labels: starterLabels, kernel, ...options });
    file = draft.files.get('model.fp32.onnx') ?? new Uint8Array();
    const files = photographs(['march-pastoral', 'dust-bowl-home', 'acanthus-mollis']);
    pictures = await Promise.all(files.map(([, bytes]) => pixelsOf(bytes)));
    original = await mapsOf(file, pictures);
  }, 120_000);

  it.each([
    ['the last dense layer', /^dense_3\/kernel/],
    ['all dense layers', /^dense_\d\/kernel/],
    ['the last convolution', /^Conv_1\/kernel/],
    ['the last block and all after it', /^(block_16_project|Conv_1|dense_\d)\/kernel/],
  ])('change when the weights of %s are random', async (_, which) => {
    const changed = await mapsOf(randomised(file, which), pictures);
    const alike = changed.map((map, n) => correlation(map, original[n] ?? map));
    expect(alike.reduce((sum, each) => sum + each, 0) / alike.length).toBeLessThan(0.75);
  });

  it('are the same again', async () => {
    expect(await mapsOf(file, pictures)).toEqual(original);
  });
});

async function pixelsOf(bytes: Uint8Array): Promise<Float32Array> {
  const { data } = await sharp(bytes)
    .resize(size, size, { fit: 'fill' })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return Float32Array.from(data);
}

/** Of each picture: the maps of all classes. */
async function mapsOf(model: Uint8Array, pictures: readonly Float32Array[]): Promise<Float32Array[]> {
  const graphs = explainGraphs(model, 'probabilities', classes);
  if (!graphs) throw new Error('its head is not known');
  await using watched = await openSession(graphs.watched);
  await using maps = await openSession(graphs.maps);
  const [data = '', chosen = ''] = maps.inputs;
  const all = await tensor(
    'int64',
    BigInt64Array.from({ length: classes }, (_, n) => BigInt(n)),
    [1, classes],
  );
  const results: Float32Array[] = [];
  for (const picture of pictures) {
    const pixels = await tensor('float32', picture, [1, size, size, 3]);
    const features = (await watched.run({ [watched.inputs[0] ?? '']: pixels }))[graphs.features];
    if (!features) throw new Error('there are no features');
    const heat = (await maps.run({ [data]: features, [chosen]: all }))[maps.outputs[0] ?? ''];
    results.push(Float32Array.from(heat?.data as Float32Array));
  }
  return results;
}

/** With other numbers of the same size on average. */
function randomised(bytes: Uint8Array, which: RegExp): Uint8Array {
  const model = decodeModel(bytes);
  let seed = 1;
  model.graph.initializer = model.graph.initializer.map((weights) => {
    if (!which.test(weights.name)) return weights;
    const own = tensorNumbers(weights);
    const spread = Math.sqrt([...own].reduce((sum, value) => sum + value * value, 0) / own.length);
    seed += 1;
    const others = numbers(own.length, seed).map((value) => value * spread * Math.sqrt(12));
    return floatTensor(weights.name, tensorDims(weights), others);
  });
  if (seed === 1) throw new Error(`no weights are named ${which}`);
  return encodeModel(model);
}
