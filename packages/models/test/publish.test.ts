import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '@rookery/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { openRegistry, type Registry, versionOf } from '../src/index.ts';
import { aDraft, aFolder } from './a-draft.ts';

let folder: string;
let registry: Registry;
beforeEach(async () => {
  folder = join(await aFolder(), 'models');
  registry = openRegistry({ folder, builtIn: [] });
});

const withCode = (code: string, detail = '') =>
  expect.objectContaining({ code, detail: expect.stringContaining(detail) });

describe('a published model', () => {
  it('lies under its name and version with a manifest that names every file with its digest', async () => {
    const draft = aDraft();
    const { version, created } = await registry.publish('birds', draft);
    expect({ version, created }).toEqual({ version: versionOf(draft), created: true });
    const manifest = JSON.parse(await readFile(join(folder, 'birds', version, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({ v: 1, name: 'birds', version, labels: 'labels.txt' });
    expect(manifest.files).toHaveLength(3);
    for (const file of manifest.files) {
      const bytes = await readFile(join(folder, 'birds', version, file.path));
      expect(file).toEqual({ path: file.path, sizeBytes: bytes.length, digest: digestOf(bytes) });
    }
    expect(await readdir(join(folder, 'birds'))).toEqual([version]);
  });

  it('is one version however often it is published, from whatever source', async () => {
    const first = await registry.publish('birds', aDraft(undefined, 'a.onnx'));
    const second = await registry.publish('birds', aDraft(undefined, 'b.onnx'));
    expect(second).toEqual({ version: first.version, created: false, repaired: [] });
  });

  it('is put right when it is published again after a byte was changed, a file or the manifest lost', async () => {
    const { version } = await registry.publish('birds', aDraft());
    await writeFile(join(folder, 'birds', version, 'model.fp32.onnx'), 'grapf');
    await rm(join(folder, 'birds', version, 'int8'), { recursive: true });
    await writeFile(join(folder, 'birds', version, 'manifest.json'), '{');
    const again = await registry.publish('birds', aDraft());
    expect(again).toMatchObject({ created: false, repaired: ['int8/model.onnx', 'model.fp32.onnx', 'manifest.json'] });
    expect(await registry.verify('birds')).toMatchObject({ intact: true });
  });

  it('is refused where its draft does not hold together, and leaves nothing', async () => {
    const { manifest, files } = aDraft();
    const changed = (change: object) => ({ manifest: { ...manifest, ...change }, files });
    const add = (path: string) => ({ manifest, files: new Map([...files, [path, new Uint8Array()]]) });
    const attempts: [string, Parameters<Registry['publish']>[1], string, string][] = [
      ['birds', changed({ labels: 'nothing.txt' }), 'MODEL_INVALID', 'nothing.txt'],
      ['birds', changed({ defaultVariant: 'fp16' }), 'MODEL_INVALID', 'fp16'],
      ['birds', changed({ decode: 'slowly' }), 'MODEL_INVALID', 'decode'],
      ['birds', add('../escaped'), 'MODEL_INVALID', 'files'],
      ['birds', add('/etc/passwd'), 'MODEL_INVALID', 'files'],
      ['birds', add('manifest.json'), 'MODEL_INVALID', 'manifest.json'],
      ['birds', add('Labels.txt'), 'MODEL_INVALID', 'case'],
      ['birds', add('a/nul.onnx'), 'MODEL_INVALID', 'nul.onnx'],
      ['birds', add('.hidden'), 'MODEL_INVALID', '.hidden'],
      [
        'birds',
        { manifest, files: new Map([...files, ['labels.txt', new TextEncoder().encode('ant\nbee\n')]]) },
        'LABELS_INVALID',
        '2 labels for 3 classes',
      ],
      ['Birds', aDraft(), 'REFERENCE_INVALID', 'Birds'],
      ['../birds', aDraft(), 'REFERENCE_INVALID', '../birds'],
      ['con', aDraft(), 'REFERENCE_INVALID', 'Windows'],
      ['birds.', aDraft(), 'REFERENCE_INVALID', 'Windows'],
    ];
    for (const [name, draft, code, detail] of attempts)
      await expect(registry.publish(name, draft), detail).rejects.toThrowError(withCode(code, detail));
    await expect(registry.publish('birds', aDraft(), { alias: 'Bad' })).rejects.toThrowError(
      withCode('REFERENCE_INVALID'),
    );
    expect(await registry.list()).toEqual([]);
  });
});
