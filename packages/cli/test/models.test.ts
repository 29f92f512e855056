import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ModelManifest } from '@rookery/contracts';
import { openRegistry } from '@rookery/models';
import { beforeEach, describe, expect, it } from 'vitest';
import { aFolder, runCommand } from './a-host.ts';

const starter = fileURLToPath(new URL('../../models/dist/starter/', import.meta.url));
const shared = process.env.ROOKERY_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));

/** The starter's graph as somebody's own model file, its labels beside it. */
let cwd: string;
let env: Record<string, string>;
beforeEach(() => {
  cwd = aFolder();
  env = { ROOKERY_MODELS: join(cwd, 'registry') };
  copyFileSync(join(starter, 'model.fp32.onnx'), join(cwd, 'Content Model.onnx'));
  writeFileSync(join(cwd, 'names.csv'), 'id,name\n4,suggestive\n0,drawing\n1,explicit drawing\n2,safe\n3,explicit\n');
});

const models = (...argv: string[]) => runCommand(['models', ...argv], { cwd, env });
const add = (...more: string[]) =>
  models('add', 'Content Model.onnx', '--labels', 'names.csv', '--kernel', 'bilinear-half-pixel', ...more);

/** Publishes the starter as `mine` without importing it once more, which takes seconds. */
async function published(alias?: string, resize: 'stretch' | 'contain' = 'stretch'): Promise<string> {
  const { v, name, version, createdAt, files, ...manifest } = ModelManifest.parse(
    JSON.parse(readFileSync(join(starter, 'manifest.json'), 'utf8')),
  );
  const draft = {
    manifest: { ...manifest, preprocessing: { ...manifest.preprocessing, resize } },
    files: new Map(files.map(({ path }) => [path, new Uint8Array(readFileSync(join(starter, path)))])),
  };
  return (await openRegistry({ folder: join(cwd, 'registry') }).publish('mine', draft, { alias })).version;
}

describe('rookery models add', () => {
  it('adds a file, says what it guessed on stderr and what it added on stdout, keeps what the flags say', async () => {
    const first = await add('--name', 'mine', '--alias', 'production', '--resize', 'cover', '--licence', 'MIT');
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(
      /^added mine@[0-9a-f]{12} {2}5 classes, 224x224, fp32, \d+\.\d MB\nmine:production is now mine@/,
    );
    expect(first.stderr).toMatch(/^note: .*channels: rgb \(a guess\)$/m);
    expect(first.stderr).not.toContain('resize');
    expect(JSON.parse((await models('show', 'mine', '--json')).stdout)).toMatchObject({
      aliases: ['production'],
      builtIn: false,
      manifest: {
        preprocessing: { width: 224, height: 224, resize: 'cover', kernel: 'bilinear-half-pixel' },
        provenance: { source: 'Content Model.onnx', licence: 'MIT' },
        signature: { output: { classes: 5 } },
      },
    });
  }, 120_000);

  it('takes weights from files beside it, and says which one is not there', async () => {
    const field = (number: number, body: Iterable<number>): number[] => [(number << 3) | 2, [...body].length, ...body];
    const text = (value: string) => Buffer.from(value);
    const where = [...field(1, text('location')), ...field(2, text('weights.data'))];
    // dims, data type float32, name, where it lies, data location: external.
    const tensor = [0x08, 2, 0x10, 1, ...field(8, text('apart')), ...field(13, where), 0x70, 1];
    // Messages one after another are one: a graph with one weight more.
    const model = readFileSync(join(cwd, 'Content Model.onnx'));
    const apart = Buffer.concat([model, Buffer.from(field(7, field(5, tensor)))]);
    writeFileSync(join(cwd, 'Content Model.onnx'), apart);
    const alone = await add('--name', 'mine');
    expect(alone).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('"weights.data", which does not lie beside'),
    });
    writeFileSync(join(cwd, 'weights.data'), new Uint8Array(7));
    expect(await add('--name', 'mine')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('has 7 bytes, not 8'),
    });
    writeFileSync(join(cwd, 'weights.data'), new Uint8Array(8));
    expect(await add('--name', 'mine')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^added mine@/) });
    const picture = fileURLToPath(new URL('../../../docs/images/classify.webp', import.meta.url));
    const labelled = () =>
      runCommand(['classify', picture, '--model', 'Content Model.onnx', '--labels', 'names.csv', '-q'], { cwd, env });
    expect(await labelled()).toMatchObject({ code: 0 });
    // Not kept: the file beside it may be another one by now.
    writeFileSync(join(cwd, 'weights.data'), new Uint8Array(9));
    expect(await labelled()).toMatchObject({ code: 3, stderr: expect.stringContaining('has 9 bytes, not 8') });
  }, 120_000);

  it('takes name and labels from beside the file where they are not given, and says so', async () => {
    writeFileSync(join(cwd, 'labels.txt'), 'a\nb\nc\nd\ne\n');
    const { code, stdout, stderr } = await models('add', 'Content Model.onnx', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'content-model',
      version: expect.stringMatching(/^[0-9a-f]{12}$/),
      created: true,
      alias: null,
      notes: expect.arrayContaining([
        'name: content-model (that of the file)',
        `labels: ${join(cwd, 'labels.txt')}`,
        'resize: stretch (a guess)',
      ]),
    });
  }, 120_000);

  it.each([
    [['--mean', '1,2'], '--mean: got "1,2", allowed: three numbers separated by commas'],
    [['--std', 'a,b,c'], '--std: got "a,b,c", allowed: three numbers separated by commas'],
    [['--scale', '-1'], '--scale: got "-1", allowed: a number greater than 0'],
    [['--width', '0'], '--width: got "0", allowed: a whole number of pixels from 1 to 8192'],
    [['--height', '1e3'], '--height: got "1e3", allowed: a whole number'],
    [['--kernel', 'bicubic'], "option '--kernel <kernel>' argument 'bicubic' is invalid"],
    [['--lables', 'x'], 'Did you mean --labels?'],
  ])('refuses %j', async (flags, message) => {
    const { code, stderr } = await models('add', 'Content Model.onnx', ...flags);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });

  it.each([
    [['nothing.onnx', '--labels', 'names.csv'], 3, 'MODEL_NOT_FOUND'],
    [['fish', '--labels', 'names.csv'], 3, 'birds, insects, imagenet, imagenet-small'],
    [['Content Model.onnx', '--labels', 'nothing.txt'], 2, 'nothing.txt: there is no such file or folder'],
    [['Content Model.onnx'], 2, '--labels is missing'],
    [['names.csv', '--labels', 'names.csv'], 3, 'MODEL_INVALID'],
    [['empty', '--labels', 'names.csv'], 2, 'neither a saved_model.pb nor a model.json'],
    [['wandb://e/p/a:v1'], 1, 'set WANDB_API_KEY'],
    [['s3://bucket/models/birds'], 2, '`rookery models pull` copies'],
    [['birds:production'], 2, 'version of the registry already'],
    [['Content Model.onnx', '--labels', 'names.csv', '--name', 'No Name'], 2, 'REFERENCE_INVALID'],
    [['Content Model.onnx', '--labels', 'names.csv', '--alias', '0'], 2, 'REFERENCE_INVALID'],
    [['Content Model.onnx', '--labels', 'short.txt', '--name', 'x'], 2, 'LABELS_INVALID'],
  ])('of %j exits with %i: %s', async (argv, code, text) => {
    writeFileSync(join(cwd, 'short.txt'), 'a\nb\n');
    mkdirSync(join(cwd, 'empty'), { recursive: true });
    expect(await models('add', ...argv)).toMatchObject({ code, stderr: expect.stringContaining(text), stdout: '' });
  });

  it.skipIf(!existsSync(shared))(
    'downloads a catalogued model, verifies it and adds it',
    async () => {
      const small = join(shared, 'models/imagenet_small');
      writeFileSync(join(cwd, 'imagenet_labels.txt'), readFileSync(join(small, 'labels.txt')));
      const file = join(cwd, 'mobilenet_v1_0.25_128_quant.tflite');
      writeFileSync(file, readFileSync(join(small, 'model.tflite')));
      env.ROOKERY_CATALOG_MIRROR = pathToFileURL(cwd).href;
      const good = await models('add', 'imagenet-small', '--default-variant', 'int8');
      expect(good).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^added imagenet-small@\w+ {2}1001 classes, 128x128, fp32 int8, /),
      });
      expect(good.stderr).toContain('(Apache-2.0), 525.6 kB, downloaded and verified');
      const { manifest } = JSON.parse((await models('show', 'imagenet-small', '--json')).stdout);
      expect(manifest).toMatchObject({ defaultVariant: 'int8', provenance: { licence: 'Apache-2.0' } });
      writeFileSync(file, 'something else');
      const bad = await models('add', 'imagenet-small', '--name', 'other');
      expect(bad).toMatchObject({ code: 3, stderr: expect.stringContaining('error MODEL_CORRUPT') });
      expect((await models('list', '--json')).stdout).not.toContain('other');
    },
    60_000,
  );

  it.skipIf(!existsSync(shared))(
    'adds the birds with their unsorted labels',
    async () => {
      const birds = join(shared, 'models/birds_v1');
      const result = await models(
        'add',
        join(birds, 'model.onnx'),
        '--name',
        'birds',
        '--labels',
        join(birds, 'labelmap.csv'),
      );
      expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining('965 classes, 224x224, fp32') });
      const { manifest, folder } = JSON.parse((await models('show', 'birds', '--json')).stdout);
      expect(readFileSync(join(folder, manifest.labels), 'utf8')).toBe(readFileSync(join(birds, 'labels.txt'), 'utf8'));
    },
    120_000,
  );
});

describe('rookery models list', () => {
  it('shows what comes with Rookery where nothing was added', async () => {
    const { code, stdout } = await models('list');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^MODEL +VERSION +ALIASES +VARIANTS +CLASSES +INPUT +SIZE +ADDED\n/);
    expect(stdout).toMatch(/content +[0-9a-f]{12} +fp32 +5 +224x224 .* comes with rookery\n/);
  });

  it('shows every version with its aliases, as JSON too', async () => {
    const version = await published('production');
    expect((await models('list')).stdout).toMatch(new RegExp(`mine +${version} +production +fp32 +5 +224x224`));
    expect(JSON.parse((await models('list', '--json')).stdout)).toMatchObject([
      { name: 'content' },
      { name: 'mine', aliases: { production: version }, versions: [{ version, classes: 5, builtIn: false }] },
    ]);
  });
});

describe('a version that stands beside the one that an alias names', () => {
  it('is listed and shown with its role, share and rules, and not as what the alias names', async () => {
    const mine = await published('production');
    const other = await published(undefined, 'contain');
    const rules = ['--promote-after', '500', '--max-errors', '0.01', '--max-disagreement', '0.05'];
    expect((await models('canary', `mine@${other}`, '--share', '0.1', ...rules)).code).toBe(0);
    expect((await models('shadow', `mine@${other}`, '--share', '0.5')).code).toBe(0);
    const { stdout } = await models('list');
    expect(stdout).toMatch(new RegExp(`mine +${other} +production/canary production/shadow +fp32`));
    expect(stdout).toMatch(new RegExp(`mine +${mine} +production +fp32`));
    const beside = { canary: { version: other, share: 0.1 }, shadow: { version: other, share: 0.5 } };
    const [, listed] = JSON.parse((await models('list', '--json')).stdout);
    expect(listed.beside).toMatchObject({ production: { ...beside, rules: { promoteAfter: 500 } } });
    const shown = (await models('show', `mine@${other}`)).stdout;
    expect(shown).toMatch(/^aliases +none$/m);
    expect(shown).toMatch(
      /^canary +of production for 10 % of keys, decided after 500 pictures: errors at most 1 %, disagreement at most 5 %$/m,
    );
    expect(shown).toMatch(/^shadow +of production for 50 %$/m);
    expect(JSON.parse((await models('show', `mine@${mine}`, '--json')).stdout)).toMatchObject({
      aliases: ['production'],
      beside: { production: beside },
    });
  });
});

describe('rookery models show', () => {
  it('tells people what a version is', async () => {
    const { stdout } = await models('show', 'content');
    expect(stdout).toMatch(/^model +content@[0-9a-f]{12}$/m);
    expect(stdout).toMatch(/^picture +224x224 \w+, stretch, bilinear-align-corners, exact decoding$/m);
    expect(stdout).toMatch(/^model input +nhwc rgb, \(value \* 1\/255 - \[0, 0, 0\]\) \/ \[1, 1, 1\]$/m);
    expect(stdout).toMatch(/^file +model\.fp32\.onnx {2}\d+\.\d MB {2}sha256:[0-9a-f]{64}$/m);
  });

  it('of what is not there exits with 3 and says what there is', async () => {
    expect(await models('show', 'mine')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('nothing is called mine'),
    });
    expect(await models('show', 'Mine')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('REFERENCE_INVALID'),
    });
  });
});

describe('rookery models alias', () => {
  it('moves an alias to the version meant, only from where it is expected', async () => {
    const one = await published('candidate');
    const two = await published(undefined, 'contain');
    expect((await models('alias', 'mine:candidate', 'production', '--expect', 'none')).stdout).toBe(
      `mine:production is now mine@${one}\n`,
    );
    const late = await models('alias', `mine@${two}`, 'production', '--expect', two);
    expect(late).toMatchObject({ code: 1, stderr: expect.stringContaining('ALIAS_CONFLICT') });
    const { stdout } = await models('alias', `mine@${two}`, 'production', '--expect', one, '--json');
    expect(JSON.parse(stdout)).toEqual({ name: 'mine', alias: 'production', version: two, before: one });
  });
});

describe('rookery models verify', () => {
  it('finds a changed byte, names file and digests, and exits with 3', async () => {
    const version = await published();
    expect(await models('verify')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ok .*\nok .*\n$/) });
    writeFileSync(join(cwd, 'registry/mine', version, 'labels.txt'), 'other\n');
    const { code, stdout } = await models('verify', 'mine');
    expect(code).toBe(3);
    expect(stdout).toMatch(
      /^CORRUPT {2}mine@.*\n {2}labels\.txt: expected sha256:[0-9a-f]{64}, found sha256:[0-9a-f]{64}\n$/,
    );
    const all = await models('verify', '--json');
    expect(all.code).toBe(3);
    expect(JSON.parse(all.stdout).map(({ intact }: { intact: boolean }) => intact)).toEqual([true, false]);
  });

  it('finds a damaged manifest among all versions', async () => {
    const version = await published();
    writeFileSync(join(cwd, 'registry/mine', version, 'manifest.json'), '{}');
    expect(await models('verify')).toMatchObject({
      code: 3,
      stdout: expect.stringContaining(`CORRUPT  mine@${version}`),
    });
    expect((await models('list')).stdout).toContain('damaged');
  });
});

describe('rookery models remove', () => {
  it('lists and verifies the rest where one model cannot be read, names that one, and removes no garbage', async () => {
    const version = await published('production');
    symlinkSync('loop', join(cwd, 'registry', 'loop'));
    mkdirSync(join(cwd, 'registry', 'torn', 'aliases'), { recursive: true });
    writeFileSync(join(cwd, 'registry', 'torn', 'aliases', 'production'), '{');
    const { code, stdout, stderr } = await models('list');
    expect(stdout).toMatch(new RegExp(`^content .*^mine +${version} `, 'ms'));
    expect(stderr).toBe(
      `error SOURCE_UNREADABLE: loop: the source could not be read: ${join(cwd, 'registry', 'loop')}: ELOOP\n` +
        `error MODEL_CORRUPT: torn: a file of the model differs from its digest: ${join(cwd, 'registry', 'torn', 'aliases', 'production')} names no version\n`,
    );
    expect(code).toBe(1);
    expect(JSON.parse((await models('list', '--json')).stdout)).toMatchObject([
      { name: 'content' },
      { name: 'loop', versions: [], unreadable: expect.stringContaining('ELOOP') },
      { name: 'mine', versions: [{ version }] },
      { name: 'torn', versions: [] },
    ]);
    const verified = await models('verify');
    expect(verified.code).toBe(3);
    expect(verified.stdout).toMatch(/^ok +mine@.*^CORRUPT +torn$/ms);
    await published(undefined, 'contain');
    expect((await models('gc', '--older-than', '0s')).code).toBe(1);
    expect(JSON.parse((await models('list', '--json')).stdout)[2].versions).toHaveLength(2);
  });

  it('says of a file that it is no registry', async () => {
    const { code, stderr } = await runCommand(['models', 'list'], {
      cwd,
      env: { ROOKERY_MODELS: join(cwd, 'names.csv') },
    });
    expect(stderr).toMatch(
      /^error STORE_NOT_FOUND: there is no such bucket or folder: .*names.csv: this is no folder$/m,
    );
    expect(code).toBe(1);
  });

  it('removes a version, but not one that an alias names, unless forced', async () => {
    const version = await published('production');
    expect(await models('remove', 'mine')).toMatchObject({ code: 1, stderr: expect.stringContaining('MODEL_IN_USE') });
    expect((await models('remove', 'mine', '--force')).stdout).toBe(`removed mine@${version}, and mine:production\n`);
    expect(await models('show', 'mine')).toMatchObject({ code: 3 });
    expect(await models('remove', 'content')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ships with Rookery'),
    });
  });
});
