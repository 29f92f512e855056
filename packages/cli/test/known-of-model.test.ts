import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { knownOfModel } from '../src/beside/known-of-model.ts';
import { aFolder } from './a-host.ts';

type Files = Readonly<Record<string, unknown>>;

/** The files as JSON, texts as they are; `model` is looked at. */
async function known(files: Files, model: string, given?: string) {
  const root = aFolder();
  mkdirSync(join(root, 'onnx'));
  for (const [name, contents] of Object.entries(files))
    writeFileSync(join(root, name), typeof contents === 'string' ? contents : JSON.stringify(contents));
  const found = await knownOfModel(join(root, model), given && join(root, given), () => Promise.resolve(undefined));
  return { ...found, notes: found.notes.map((note) => note.replace(root, '')) };
}

const teachableMachine = {
  tfjsVersion: '1.3.1',
  packageName: '@teachablemachine/image',
  labels: ['Class 1', 'Class 2'],
  imageSize: 224,
};
const processor = {
  do_center_crop: true,
  crop_size: { height: 224, width: 224 },
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.5, 0.25, 0.5],
  resample: 3,
  size: { shortest_edge: 256 },
};

describe('what is known of a model', () => {
  it('comes from the metadata of Teachable Machine', async () => {
    expect(await known({ 'metadata.json': teachableMachine }, 'model')).toEqual({
      labels: ['Class 1', 'Class 2'],
      known: { scale: 1 / 127.5, mean: [1, 1, 1], std: [1, 1, 1], resize: 'cover', width: 224, height: 224 },
      notes: [
        'labels: /metadata.json',
        'preprocessing: (pixel * 0.00784314 - 1) / 1, 224x224, cover (metadata.json beside the model says so)',
      ],
    });
  });

  it('comes from what is written beside an export, for the model of that name', async () => {
    const preprocessing = { width: 64, height: 32, resize: 'cover', kernel: 'bilinear-align-corners' };
    const facts = { v: 1, input: { channels: 'rgb', range: '0..255' }, preprocessing };
    const files = { 'labels.txt': 'other', 'mine.labels.txt': 'a', 'mine.rookery.json': facts, 'rookery.json': facts };
    const wanted = { ...preprocessing, scale: 1, mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb', activation: 'none' };
    expect(await known(files, 'mine.onnx')).toMatchObject({ labels: ['a'], known: wanted });
    expect(await known(files, 'model.onnx')).toMatchObject({ labels: ['other'], known: wanted });
    expect(await known(files, 'other.onnx')).toMatchObject({ labels: ['other'], known: {} });
    const odd = { ...facts, preprocessing: { ...preprocessing, kernel: 'magic' } };
    expect((await known({ ...files, 'mine.rookery.json': odd }, 'mine.onnx')).known).toEqual({});
  });

  it('comes from the folder above, for an export from Hugging Face', async () => {
    const config = { id2label: { 1: 'dog', 0: 'cat' }, model_type: 'vit' };
    const files = { 'config.json': config, 'preprocessor_config.json': processor };
    expect(await known(files, 'onnx/model.onnx')).toEqual({
      labels: ['cat', 'dog'],
      known: {
        scale: 1 / 255,
        mean: [0.5, 0.5, 0.5],
        std: [0.5, 0.25, 0.5],
        resize: 'cover',
        kernel: 'cubic',
        width: 224,
        height: 224,
      },
      notes: [
        'labels: /config.json',
        'preprocessing: (pixel * 0.00392157 - 0.5) / 0.5, 0.25, 0.5, 224x224, cover, cubic (preprocessor_config.json beside the model says so)',
      ],
    });
  });

  it('takes an image processor at its word: no mean, another factor, a plain size', async () => {
    const said = { do_normalize: false, image_mean: [9, 9, 9], rescale_factor: 0.5, size: 96, resample: 2 };
    expect((await known({ 'labels.txt': 'a\nb', 'preprocessor_config.json': said }, 'model.onnx')).known).toEqual({
      scale: 0.5,
      mean: [0, 0, 0],
      std: [1, 1, 1],
      resize: 'stretch',
      kernel: 'linear',
      width: 96,
      height: 96,
    });
  });

  it('comes from the configuration of timm', async () => {
    const pretrained_cfg = {
      mean: [0.1, 0.2, 0.3],
      std: [1, 1, 1],
      input_size: [3, 160, 192],
      interpolation: 'bicubic',
      crop_pct: 0.9,
    };
    const { labels, known: said } = await known(
      { 'config.json': { label_names: ['x', 'y'], pretrained_cfg } },
      'model.onnx',
    );
    expect(labels).toEqual(['x', 'y']);
    expect(said).toMatchObject({ mean: [0.1, 0.2, 0.3], width: 192, height: 160, resize: 'cover', kernel: 'cubic' });
  });

  it.each<[string, Files]>([
    ['dict.txt', { 'dict.txt': 'cat\ndog\n' }],
    ['labels with their index', { 'labels.txt': '0 cat\n1 dog\n' }],
    ['class_indices.json', { 'class_indices.json': { dog: 1, cat: 0 } }],
    ["the model's own", { 'mine.labels.txt': 'cat\ndog\n' }],
  ])('has the labels of %s', async (_, files) => {
    expect((await known(files, 'mine.tflite')).labels).toEqual(['cat', 'dog']);
  });

  it('has the labels that are given, whatever lies beside it', async () => {
    const files = { 'labels.txt': 'a\nb\n', 'mine.txt': 'c\nd\n' };
    expect(await known(files, 'model.onnx', 'mine.txt')).toEqual({ labels: ['c', 'd'], known: {}, notes: [] });
  });

  it('asks for labels where there are none, also beside files of other kinds', async () => {
    const files = { 'config.json': '{', 'metadata.json': { labels: 'x' }, 'preprocessor_config.json': [] };
    await expect(known(files, 'model.onnx')).rejects.toMatchObject({
      code: 'LABELS_INVALID',
      detail: expect.stringMatching(/^--labels is missing, and there is no .*labels\.txt$/),
    });
  });
});
