import { mkdtempSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findEngine, findInstalled, openClassifier } from '../src/index.ts';
import { providersOf } from '../src/session.ts';
import { engineConformance } from './engine-conformance.ts';
import { largestDifference } from './largest-difference.ts';
import { bird224, birdNames, birds, hasShared } from './shared.ts';
import { graphSmallNet } from './small-net/graph-model.ts';
import { layersSmallNet } from './small-net/layers.ts';
import { onnxSmallNet } from './small-net/onnx.ts';
import { plainScores } from './small-net/plain-arithmetic.ts';
import { savedSmallNet } from './small-net/saved-model.ts';
import { pictures } from './small-net/small-net.ts';

/** Where `ROOKERY_ENGINES=.cache/engines rookery engines install ...` put them; `pnpm test` does. */
const installed = resolve(import.meta.dirname, '../../../.cache/engines');
const [openvino] = findInstalled('openvino', installed);
const tensorflow = findInstalled('tensorflow', installed);
const native = tensorflow.find(({ name }) => name === 'tensorflow');

const onnx = { format: 'onnx', variant: 'fp32' } as const;
const graph = { format: 'tfjs', variant: 'tfjs' } as const;

describe('an engine is found without being loaded', () => {
  it('is ONNX Runtime for ONNX', () => expect(findEngine(onnx, {}).name).toBe('onnxruntime'));
  it('refuses a format that it does not run, and says which engine does', () =>
    expect(() => findEngine(graph, { engine: 'onnx' })).toThrow(/tfjs.*--engine tensorflow/));
  it('says how to get what is not installed', () =>
    expect(() => findEngine(graph, { enginesFolder: '/nowhere' })).toThrow(/rookery engines install tensorflow/));
  it('refuses TensorRT without a device', () =>
    expect(() => findEngine(onnx, { engine: 'tensorrt' })).toThrow(/--device 0/));
  it('names TensorRT apart in pins', () =>
    expect(findEngine(onnx, { engine: 'tensorrt', device: [0] }).name).toBe('onnxruntime-tensorrt'));
  it('asks TensorRT first, then CUDA', () =>
    expect(providersOf(1, true)).toEqual([
      { name: 'tensorrt', deviceId: 1 },
      { name: 'cuda', deviceId: 1 },
    ]));
});

// The binding of the native TensorFlow wants Linux and Node 22 at most.
const hasBinding = process.platform === 'linux' && Number(process.versions.node.split('.')[0]) <= 22;

it.runIf(process.env.ROOKERY_TEST_ENGINES === 'all')('every engine is there that can be installed', () => {
  const names = [openvino, ...tensorflow].map((found) => found?.name);
  expect(names).toEqual(['openvino', ...(hasBinding ? ['tensorflow'] : []), 'tensorflow.js-wasm']);
});

it('the small network has the scores of plain arithmetic, others for each picture', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rookery-engines-'));
  try {
    const given = pictures(8);
    await using classifier = await openClassifier(await onnxSmallNet(folder), { threads: 1 });
    const found = await Promise.all(
      given.map(async (it) => (await classifier.classifyPixels(it.slice(), { top: 1, scores: true })).scores),
    );
    expect(largestDifference(found, given.map(plainScores))).toBeLessThan(1e-5);
    for (const [place, scores] of found.entries())
      for (const other of found.slice(0, place)) expect(largestDifference([scores], [other])).toBeGreaterThan(1e-2);
  } finally {
    await rm(folder, { recursive: true });
  }
});

const asOnnx = { form: 'ONNX', write: onnxSmallNet, files: ['model.onnx'], batches: [3, 8] };
const asLayers = {
  form: 'a layers model',
  write: layersSmallNet,
  files: ['model.json', 'weights.bin'],
  batches: [3, 8],
};
const asGraph = { form: 'a graph model', write: graphSmallNet, files: ['weights.bin'] };
const asSavedModel = { form: 'a SavedModel', write: savedSmallNet, files: ['saved_model.pb'], batches: [3, 8] };

engineConformance({ name: 'onnxruntime', options: {}, forms: [asOnnx] });

engineConformance({
  name: 'openvino',
  missing: openvino ? undefined : 'not installed: rookery engines install openvino',
  options: { engine: 'openvino', enginesFolder: installed },
  forms: [asOnnx],
});

engineConformance({
  name: 'tensorflow',
  missing: native ? undefined : 'the native library is not installed: rookery engines install tensorflow',
  options: { engine: 'tensorflow', enginesFolder: installed },
  forms: [asSavedModel, asLayers, asGraph],
});

describe('where there is no compiler', () => {
  // The same folder without its note, so without the native library.
  const enginesFolder = join(mkdtempSync(join(tmpdir(), 'rookery-engines-')), 'engines');
  beforeAll(async () => {
    await mkdir(join(enginesFolder, 'tensorflow'), { recursive: true });
    await writeFile(join(enginesFolder, 'tensorflow', 'package.json'), '{}');
    const modules = join(installed, 'tensorflow', 'node_modules');
    await symlink(modules, join(enginesFolder, 'tensorflow', 'node_modules'), 'dir');
  });
  afterAll(() => rm(join(enginesFolder, '..'), { recursive: true }));

  engineConformance({
    name: 'tensorflow.js-wasm',
    missing: tensorflow.length > 0 ? undefined : 'not installed: rookery engines install tensorflow',
    options: { engine: 'tensorflow', enginesFolder },
    forms: [asLayers, asGraph],
  });
});

describe.skipIf(!openvino || !hasShared)('OpenVINO gives the scores of ONNX Runtime for photographs', () => {
  it('within 1e-3', async () => {
    const model = await birds('fp32');
    const scoresOf = async (options: object) => {
      await using classifier = await openClassifier(model, { batch: 8, threads: 2, ...options });
      return await Promise.all(
        birdNames.map(async (name) => (await classifier.classify(bird224(name), { top: 1, scores: true })).scores),
      );
    };
    const theirs = await scoresOf({ engine: 'openvino', enginesFolder: installed });
    expect(largestDifference(theirs, await scoresOf({}))).toBeLessThanOrEqual(1e-3);
  });
});
