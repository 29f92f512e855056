import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digestOf, ModelManifest } from '@rookery/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRegistry } from '../src/index.ts';
import { versionOfIdentity } from '../src/version/version-of.ts';

const starter = fileURLToPath(new URL('../dist/starter/', import.meta.url));
const script = fileURLToPath(new URL('../starter/build.mjs', import.meta.url));

describe('the starter model that ships', () => {
  let folder: string;
  let manifest: ModelManifest;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rookery-starter-'));
    execFileSync(process.execPath, [script]);
    manifest = ModelManifest.parse(JSON.parse(readFileSync(join(starter, 'manifest.json'), 'utf8')));
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true }));

  it('is there in an empty registry, verified, with its labels in the order of its output', async () => {
    const model = await openRegistry({ folder }).load('content');
    expect(model).toMatchObject({
      name: 'content',
      variant: 'fp32',
      input: { name: 'images', type: 'float32' },
      preprocessing: { width: 224, height: 224, resize: 'stretch', kernel: 'bilinear-align-corners' },
      labels: ['drawing', 'explicit drawing', 'safe', 'explicit', 'suggestive'],
    });
  });

  it('holds exactly the files of its manifest, whose version is named after them', () => {
    for (const { path, digest, sizeBytes } of manifest.files) {
      const bytes = readFileSync(join(starter, path));
      expect([path, digestOf(bytes), bytes.byteLength]).toEqual([path, digest, sizeBytes]);
    }
    expect(manifest.files.map(({ path }) => path)).toEqual(['LICENSE.txt', 'labels.txt', 'model.fp32.onnx']);
    expect(manifest.version).toBe(versionOfIdentity(manifest));
  });

  it('says where it comes from, under which licence, and what its labels were', () => {
    expect(manifest.provenance).toMatchObject({
      source: 'nsfwjs 4.4.0, mobilenet_v2',
      licence: 'MIT',
      originalLabels: ['Drawing', 'Hentai', 'Neutral', 'Porn', 'Sexy'],
    });
    expect(readFileSync(join(starter, 'LICENSE.txt'), 'utf8')).toMatch(
      /^MIT License\s+Copyright \(c\) 2019 Infinite Red/,
    );
    expect(readFileSync(new URL('../../../NOTICE', import.meta.url), 'utf8')).toMatch(/nsfwjs[\s\S]*MIT License/);
  });

  it('is not built again where it is up to date', async () => {
    const before = (await stat(join(starter, 'model.fp32.onnx'))).mtimeMs;
    execFileSync(process.execPath, [script]);
    expect((await stat(join(starter, 'model.fp32.onnx'))).mtimeMs).toBe(before);
  });
});
