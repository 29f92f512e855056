import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '@rookery/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { openRegistry, type Registry } from '../src/index.ts';
import { aDraft, aFolder, anotherDraft } from './a-draft.ts';

let folder: string;
let registry: Registry;
beforeEach(async () => {
  folder = join(await aFolder(), 'models');
  registry = openRegistry({ folder, builtIn: [] });
});

const withCode = (code: string, detail = '') =>
  expect.objectContaining({ code, detail: expect.stringContaining(detail) });

describe('loading', () => {
  it('gives the default variant, or another, as the bytes that were verified', async () => {
    const { version } = await registry.publish('birds', aDraft());
    const fp32 = await registry.load('birds');
    expect(fp32).toMatchObject({
      name: 'birds',
      version,
      variant: 'fp32',
      format: 'onnx',
      stableBatch: 1,
      labels: ['ant', 'bee', 'cat'],
      labelsDigest: digestOf('ant\nbee\ncat\n'),
      input: { name: 'pictures', type: 'uint8' },
      output: { name: 'scores', classes: 3 },
    });
    expect(fp32).not.toHaveProperty('sessionConfig');
    expect(fp32.graph).toEqual({ bytes: new TextEncoder().encode('graph'), digest: digestOf('graph') });
    expect(await registry.load('birds', { variant: 'int8' })).toMatchObject({
      variant: 'int8',
      stableBatch: 2,
      sessionConfig: { 'session.disable_quant_qdq': '1' },
    });
    expect(structuredClone(fp32)).toEqual(fp32);
  });

  it('gives bytes whose buffer is theirs alone, so that it can be transferred', async () => {
    await registry.publish('birds', aDraft());
    const { graph } = await registry.load('birds');
    if (!('bytes' in graph)) throw new Error('no bytes');
    expect(graph.bytes.byteLength).toBe(graph.bytes.buffer.byteLength);
  });

  it('reads graphs of any size right, also where they end on a piece', async () => {
    for (const size of [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5 << 20]) {
      const bytes = new Uint8Array(size).map((_, index) => index * 31);
      const { version } = await registry.publish('sized', aDraft(bytes));
      const { graph } = await registry.load(`sized@${version}`);
      expect(graph.digest).toBe(digestOf(bytes));
      expect('bytes' in graph && Buffer.compare(graph.bytes, bytes)).toBe(0);
    }
  });

  it('of a graph that is a folder verifies all of it and gives its path', async () => {
    const draft = aDraft();
    const variants = { saved: { format: 'savedmodel' as const, path: 'saved_model', stableBatch: 1 } };
    const parts: [string, Uint8Array][] = ['saved_model/a.pb', 'saved_model/variables/b'].map((path) => [
      path,
      new TextEncoder().encode(path),
    ]);
    const { version } = await registry.publish('folded', {
      manifest: { ...draft.manifest, variants, defaultVariant: 'saved' },
      files: new Map([...draft.files, ...parts]),
    });
    expect((await registry.load('folded')).graph).toMatchObject({
      path: join(folder, 'folded', version, 'saved_model'),
    });
    await writeFile(join(folder, 'folded', version, 'saved_model/variables/b'), 'x');
    await expect(registry.load('folded')).rejects.toThrowError(withCode('MODEL_CORRUPT', 'saved_model'));
  });

  it('of a version that is removed meanwhile is MODEL_NOT_FOUND, or succeeds', async () => {
    for (let round = 0; round < 20; round++) {
      const { version } = await registry.publish('birds', anotherDraft(1 << 20));
      const loading = registry.load(`birds@${version}`).then(
        ({ version: loaded }) => loaded,
        ({ code }: { code: string }) => code,
      );
      await registry.remove(`birds@${version}`);
      expect([version, 'MODEL_NOT_FOUND']).toContain(await loading);
    }
  });

  it('of a variant that is not there says which are', async () => {
    await registry.publish('birds', aDraft());
    await expect(registry.load('birds', { variant: 'fp16' })).rejects.toThrowError(
      withCode('MODEL_NOT_FOUND', 'fp32, int8'),
    );
  });
});

describe('a changed byte', () => {
  it.each(['model.fp32.onnx', 'labels.txt'])('in %s is MODEL_CORRUPT with file and both digests', async (path) => {
    const { version } = await registry.publish('birds', aDraft());
    const file = join(folder, 'birds', version, path);
    const bytes = await readFile(file);
    const before = digestOf(bytes);
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    await writeFile(file, bytes);
    for (const part of [file, before, digestOf(bytes)])
      await expect(registry.load('birds')).rejects.toThrowError(withCode('MODEL_CORRUPT', part));
    expect(await registry.verify('birds')).toMatchObject({
      intact: false,
      files: expect.arrayContaining([{ path, sizeBytes: bytes.length, expected: before, found: digestOf(bytes) }]),
    });
  });

  it.each([
    ['cut', 'grap'],
    ['longer', 'graph and more'],
  ])('is as well a file that is %s', async (_what, contents) => {
    const { version } = await registry.publish('birds', aDraft());
    await writeFile(join(folder, 'birds', version, 'model.fp32.onnx'), contents);
    await expect(registry.load('birds')).rejects.toThrowError(withCode('MODEL_CORRUPT', digestOf(contents)));
  });

  it('or a lost file of another variant does not matter to this one, but to verify', async () => {
    const { version } = await registry.publish('birds', aDraft());
    await rm(join(folder, 'birds', version, 'int8/model.onnx'));
    expect((await registry.load('birds')).variant).toBe('fp32');
    await expect(registry.load('birds', { variant: 'int8' })).rejects.toThrowError(
      withCode('MODEL_CORRUPT', 'no such file'),
    );
    const { intact, files } = await registry.verify('birds');
    expect(intact).toBe(false);
    expect(files.filter(({ found }) => found === null).map(({ path }) => path)).toEqual(['int8/model.onnx']);
  });

  it.each([
    ['digest', /[0-9a-f]{4}"/, '0000"'],
    ['stable batch', /"stableBatch": 1/, '"stableBatch": 2'],
    ['input size', /"width": 224/, '"width": 225'],
    ['brace', /^\{/, '['],
  ])('in the manifest (%s) is MODEL_CORRUPT', async (_what, from, to) => {
    const { version } = await registry.publish('birds', aDraft());
    const file = join(folder, 'birds', version, 'manifest.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace(from, to));
    for (const reference of ['birds', `birds@${version}`])
      await expect(registry.load(reference)).rejects.toThrowError(withCode('MODEL_CORRUPT', file));
    expect((await registry.list())[0]?.damaged).toMatchObject([{ version }]);
    await registry.remove(`birds@${version}`);
    expect(await registry.list()).toEqual([]);
  });

  it('a version under another name is not that version', async () => {
    const { version } = await registry.publish('birds', aDraft());
    await mkdir(join(folder, 'cats'));
    await rename(join(folder, 'birds', version), join(folder, 'cats', version));
    await expect(registry.load(`cats@${version}`)).rejects.toThrowError(withCode('MODEL_CORRUPT', `birds@${version}`));
  });

  it('a manifest of a later format asks for a newer Rookery', async () => {
    const { version } = await registry.publish('birds', aDraft());
    const file = join(folder, 'birds', version, 'manifest.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('"v": 1', '"v": 2'));
    await expect(registry.load(`birds@${version}`)).rejects.toThrowError(withCode('MODEL_INVALID', 'newer Rookery'));
  });
});
