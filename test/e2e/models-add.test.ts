import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rookery } from './rookery.ts';

const shared = process.env.ROOKERY_SHARED ?? new URL('../../../shared', import.meta.url).pathname;
const models = join(shared, 'models');
const birds = join(models, 'birds_v1');

/** The catalogue's files under their own names. */
const mirrored: Readonly<Record<string, string>> = {
  '/mobilenet_v2_1.0_224_inat_bird_quant.tflite': join(birds, 'model.tflite'),
  '/mobilenet_v1_0.25_128_quant.tflite': join(models, 'imagenet_small/model.tflite'),
  '/imagenet_labels.txt': join(models, 'imagenet_small/labels.txt'),
};

const species = {
  '679edc606d9a363f775dabf0497d31de8c3d7060.jpg': 'Galerida cristata',
  '189277-004-0A3BC3D4.jpg': 'Erithacus rubecula',
  'Eumomota_superciliosa.jpg': 'Eumomota superciliosa',
  'Phalacrocorax_varius_-Waikawa,_Marlborough,_New_Zealand-8.jpg': 'Phalacrocorax varius varius',
  'f3fb92afce5ddff09a7370d90d021225.jpg': 'Aulacorhynchus prasinus',
};

describe.skipIf(!existsSync(birds))('a TFLite model of the catalogue (skipped without ROOKERY_SHARED)', () => {
  let cwd: string;
  let env: Record<string, string>;
  const server = createServer((request, response) => {
    const path = mirrored[request.url ?? ''];
    if (path) response.end(readFileSync(path));
    else response.writeHead(404).end();
  });

  beforeAll(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'rookery-models-add-'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    env = { ROOKERY_CATALOG_MIRROR: mirror, ROOKERY_MODELS: join(cwd, 'registry') };
  });
  afterAll(() => {
    server.close();
    rmSync(cwd, { recursive: true, force: true });
  });

  /** The best label of each picture, by the picture's name. */
  async function labelled(source: string, ...flags: string[]): Promise<Record<string, string>> {
    const { code, stdout, stderr } = await rookery(['classify', join(shared, source), ...flags, '--format', 'json'], {
      cwd,
      env,
    });
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const { images } = JSON.parse(stdout) as { images: { source: string; predictions: { label: string }[] }[] };
    return Object.fromEntries(images.map(({ source, predictions }) => [basename(source), predictions[0]?.label ?? '']));
  }

  it('tells the five birds apart, in float32 and in int8', async () => {
    const added = await rookery(['models', 'add', 'birds', '--labels', join(birds, 'labels.txt')], { cwd, env });
    expect(added).toMatchObject({ code: 0, stdout: expect.stringMatching(/965 classes, 224x224, fp32 int8/) });
    expect(await labelled('pictures/birds', '--model', 'birds')).toEqual(species);
    expect(await labelled('pictures/birds', '--model', 'birds', '--variant', 'int8')).toEqual(species);
  });

  it('knows a flower, with the labels of the catalogue', async () => {
    const added = await rookery(['models', 'add', 'imagenet-small'], { cwd, env });
    expect(added).toMatchObject({ code: 0, stdout: expect.stringMatching(/1001 classes, 128x128, fp32 int8/) });
    for (const variant of ['fp32', 'int8']) {
      const labels = await labelled(
        'pictures/objects/sunflower.bmp',
        '--model',
        'imagenet-small',
        '--variant',
        variant,
      );
      expect(labels['sunflower.bmp']).toBe('daisy');
    }
  });

  it('is taken as a file too, without any registry, in the variant that is asked for', async () => {
    const file = ['--model', join(birds, 'model.tflite'), '--labels', join(birds, 'labels.txt')];
    const registry = join(cwd, 'untouched');
    expect(await labelled('pictures/birds', ...file, '--variant', 'int8', '--models', registry)).toEqual(species);
    expect(existsSync(registry)).toBe(false);
  });
});
