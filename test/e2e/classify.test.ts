import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { photograph } from './pictures.ts';
import { type RunOptions, rookery } from './rookery.ts';

interface Prediction {
  label: string;
  index: number;
  score: number;
}

interface Image {
  source: string;
  width: number | null;
  height: number | null;
  predictions?: Prediction[];
  error?: { code: string; message: string };
}

const names = ['acanthus-mollis', 'black-canyon', 'french-alpine-landscape', 'locomotion-house-cat', 'nagasaki-boats'];
let cwd: string;

/** A folder with photographs of the starter below `photos/`. */
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'rookery-e2e-'));
  mkdirSync(join(cwd, 'photos/deeper'), { recursive: true });
  for (const name of names) copyFileSync(photograph(name), join(cwd, `photos/${name}.jpg`));
  copyFileSync(photograph('march-pastoral'), join(cwd, 'photos/deeper/march-pastoral.jpg'));
  writeFileSync(join(cwd, 'photos/readme.txt'), 'no picture');
});

const classify = (argv: readonly string[], options: Partial<RunOptions> = {}) =>
  rookery(['classify', ...argv], { cwd, ...options });
const imagesOf = (json: string): Image[] => JSON.parse(json).images;
const topOf = ({ source, predictions, error }: Image) => [basename(source), predictions?.[0]?.label ?? error?.code];

it('`pnpm rookery` takes paths from where it was called, and says nothing besides', async () => {
  const script = new URL('../../packages/cli/in-clone.mjs', import.meta.url);
  const env = { PATH: process.env.PATH, HOME: cwd, INIT_CWD: join(cwd, 'photos') };
  const argv = [fileURLToPath(script), 'classify', 'deeper', '--format', 'json'];
  const { images } = JSON.parse(execFileSync(process.execPath, argv, { env, encoding: 'utf8' }));
  expect(images.map(topOf)).toEqual([['march-pastoral.jpg', 'safe']]);
});

describe('rookery classify', () => {
  it('labels a folder with the model that comes along and exits 0', async () => {
    const { code, stdout, stderr } = await classify(['photos', '--format', 'json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { model, images, timings } = JSON.parse(stdout);
    expect(model).toEqual({
      name: 'content',
      version: expect.stringMatching(/^[0-9a-f]{12}$/),
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      variant: 'fp32',
    });
    expect(images.map(topOf)).toEqual([
      ['acanthus-mollis.jpg', 'drawing'],
      ['black-canyon.jpg', 'safe'],
      ['french-alpine-landscape.jpg', 'safe'],
      ['locomotion-house-cat.jpg', 'drawing'],
      ['nagasaki-boats.jpg', 'safe'],
    ]);
    expect(images[1]).toEqual({
      source: 'photos/black-canyon.jpg',
      width: expect.any(Number),
      height: expect.any(Number),
      predictions: expect.arrayContaining([{ label: 'safe', index: 2, score: expect.closeTo(0.998, 2) }]),
    });
    expect(images[1].predictions).toHaveLength(3);
    expect(timings).toMatchObject({ pictures: 5, failed: 0, stages: { decode: { p50Ms: expect.any(Number) } } });
  });

  it('gives the same bytes whatever the order, the batch, the threads', async () => {
    const sorted = (text: string) => text.trimEnd().split('\n').sort().join('\n');
    const paths = names.map((name) => `photos/${name}.jpg`);
    const reference = await classify([...paths, '--format', 'jsonl']);
    for (const [order, ...flags] of [
      [paths.toReversed(), '--batch', '1'],
      [paths, '--batch', '2', '--threads', '1'],
      [['photos'], '--threads', '2', '--batch', '16'],
    ] as const) {
      const { stdout } = await classify([...order, ...flags, '--format', 'jsonl']);
      expect(sorted(stdout)).toBe(sorted(reference.stdout));
    }
    expect((await classify([...paths, '--format', 'jsonl'])).stdout).toBe(reference.stdout);
  });

  it('looks into folders of folders, follows patterns and a list on stdin, in that order', async () => {
    const { code, stdout } = await classify(['photos/*canyon*', '-', 'photos', '--recursive', '--format', 'jsonl'], {
      stdin: 'photos/nagasaki-boats.jpg\n\nphotos/acanthus-mollis.jpg\n',
    });
    expect(code).toBe(0);
    const sources = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).source);
    expect(sources).toEqual([
      'photos/black-canyon.jpg',
      'photos/nagasaki-boats.jpg',
      'photos/acanthus-mollis.jpg',
      'photos/acanthus-mollis.jpg',
      'photos/black-canyon.jpg',
      'photos/deeper/march-pastoral.jpg',
      'photos/french-alpine-landscape.jpg',
      'photos/locomotion-house-cat.jpg',
      'photos/nagasaki-boats.jpg',
    ]);
  });

  it('prints CSV and a table, leaves out what is below the threshold, and honours --top', async () => {
    const csv = await classify(['photos/black-canyon.jpg', '--format', 'csv', '--top', '5', '--threshold', '0.5']);
    expect(csv.stdout).toMatch(
      /^source,width,height,rank,index,label,score,error\nphotos\/black-canyon.jpg,\d+,\d+,1,2,safe,0\.99\d+,\n$/,
    );
    const table = await classify(['photos/black-canyon.jpg', '--top', '1']);
    expect(table.stdout).toMatch(/^PICTURE +SCORE +LABEL\nphotos\/black-canyon\.jpg +0\.99\d +safe\n$/);
  });

  it('writes a file that appears whole, text files and annotated copies', async () => {
    const flags = ['--format', 'json', '--output', 'out/result.json', '--save-labels', 'txt', '--annotate', 'copies'];
    mkdirSync(join(cwd, 'out'), { recursive: true });
    const { code, stdout } = await classify([
      'photos/black-canyon.jpg',
      'photos/deeper',
      'photos/black-canyon.jpg',
      ...flags,
    ]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(readdirSync(join(cwd, 'out'))).toEqual(['result.json']);
    expect(imagesOf(readFileSync(join(cwd, 'out/result.json'), 'utf8'))).toHaveLength(3);
    expect(readdirSync(join(cwd, 'txt')).sort()).toEqual([
      'black-canyon.jpg-2.txt',
      'black-canyon.jpg.txt',
      'march-pastoral.jpg.txt',
    ]);
    expect(readFileSync(join(cwd, 'txt/black-canyon.jpg.txt'), 'utf8')).toMatch(/^1\.00 safe\n(0\.\d\d [a-z ]+\n){2}$/);
    const [copy, original] = await Promise.all([
      sharp(join(cwd, 'copies/black-canyon.jpg')).metadata(),
      sharp(photograph('black-canyon')).metadata(),
    ]);
    expect(copy.width).toBe(original.width);
    expect(copy.height).toBeGreaterThan(original.height ?? 0);
  });

  it('says where the time went with --report, on stderr', async () => {
    const { stdout, stderr } = await classify(['photos', '--report', '--format', 'jsonl']);
    expect(stdout.trimEnd().split('\n')).toHaveLength(5);
    for (const stage of ['read', 'decode', 'wait', 'infer', 'top-k'])
      expect(stderr).toMatch(new RegExp(`^${stage} +\\d`, 'm'));
    expect(stderr).toMatch(/5 pictures in .* pictures\/s/);
    expect(stderr).toContain('Bottleneck: ');
  });

  it('logs to a file, and to stderr with --verbose, as JSON where that is no terminal', async () => {
    const { stderr } = await classify(['photos/gone.jpg', '--verbose', '--log-file', 'log.jsonl']);
    const line = stderr.split('\n').find((text) => text.startsWith('{'));
    expect(JSON.parse(line ?? '')).toMatchObject({
      level: 'warn',
      code: 'SOURCE_NOT_FOUND',
      source: 'photos/gone.jpg',
    });
    expect(readFileSync(join(cwd, 'log.jsonl'), 'utf8')).toContain('SOURCE_NOT_FOUND');
  });

  it.each([
    [['photos/black-canyon.jpg'], 0],
    [['photos/black-canyon.jpg', 'gone.jpg'], 1],
    [['photos/black-canyon.jpg', '--top', '0'], 2],
    [['photos/black-canyon.jpg', '--frmat', 'json'], 2],
    [[], 2],
    [['photos/black-canyon.jpg', '--model', 'no-such-model'], 3],
    [['photos/black-canyon.jpg', '--model', './no-such-model.onnx'], 3],
  ])('exits as promised: %j', async (argv, expected) => {
    expect((await classify([...argv, '--quiet'])).code).toBe(expected);
  });

  it('ends quietly when the reader of its output goes away', async () => {
    const command = `"$0" "$1" classify photos photos photos photos --format csv --top 5 2>err.txt | head -n 1`;
    const { rookeryFile } = await import('./rookery.ts');
    const stdout = execFileSync('bash', ['-c', command, process.execPath, rookeryFile], {
      cwd,
      env: { ...process.env, HOME: cwd },
    });
    expect(stdout.toString()).toBe('source,width,height,rank,index,label,score,error\n');
    expect(readFileSync(join(cwd, 'err.txt'), 'utf8')).toBe('');
  });

  it.skipIf(spawnSync('script', ['--version']).error)(
    'takes its progress away from a terminal before it shows results',
    async () => {
      const { rookeryFile } = await import('./rookery.ts');
      const command = `'${process.execPath}' '${rookeryFile}' classify photos --top 1`;
      const env = { ...process.env, HOME: cwd, TERM: 'xterm' };
      const shown = execFileSync('script', ['-qec', command, '/dev/null'], { cwd, env, encoding: 'utf8' });
      // What stands on each line once everything on it was drawn.
      const lines = shown.split('\n').map((line) => line.split('\u001b[2K').at(-1) ?? '');
      expect(shown).toMatch(/\d\/5 /);
      expect(lines.filter((line) => /\d\/5 /.test(line))).toEqual([]);
    },
  );

  it('stops on SIGINT with 130, leaving no half-written file behind', async () => {
    const begun = (name: string) => readdirSync(cwd).some((entry) => entry.startsWith(name));
    const { code, stderr } = await classify(['-', '--output', 'never.json', '--format', 'json'], {
      stdin: 'photos/black-canyon.jpg\n',
      holdStdin: true,
      async started(child) {
        while (!begun('never.json')) await new Promise((resolve) => setTimeout(resolve, 50));
        child.kill('SIGINT');
      },
    });
    expect(code).toBe(130);
    expect(stderr).toContain('error ABORTED');
    expect(begun('never.json')).toBe(false);
  });

  it('reads what may be read by whoever runs it, and no more', async () => {
    const folder = join(cwd, 'private');
    mkdirSync(folder, { recursive: true });
    copyFileSync(photograph('black-canyon'), join(folder, 'open.jpg'));
    copyFileSync(photograph('black-canyon'), join(folder, 'closed.jpg'));
    chmodSync(join(folder, 'closed.jpg'), 0);
    chmodSync(cwd, 0o777);
    // Root may read everything: it becomes somebody else.
    const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const { code, stdout } = await classify(['private', '--format', 'json'], user);
    expect(code).toBe(1);
    expect(imagesOf(stdout).map(topOf)).toEqual([
      ['closed.jpg', 'SOURCE_DENIED'],
      ['open.jpg', 'safe'],
    ]);
  });
});

const shared = process.env.ROOKERY_SHARED ?? new URL('../../../shared', import.meta.url).pathname;
const birds = join(shared, 'models/birds_v1');

describe.skipIf(!existsSync(birds))('the five birds (skipped without ROOKERY_SHARED)', () => {
  const species = new Map([
    ['679edc606d9a363f775dabf0497d31de8c3d7060.jpg', 'Galerida cristata'],
    ['189277-004-0A3BC3D4.jpg', 'Erithacus rubecula'],
    ['Eumomota_superciliosa.jpg', 'Eumomota superciliosa'],
    ['Phalacrocorax_varius_-Waikawa,_Marlborough,_New_Zealand-8.jpg', 'Phalacrocorax varius varius'],
    ['f3fb92afce5ddff09a7370d90d021225.jpg', 'Aulacorhynchus prasinus'],
  ]);
  const model = ['--model', join(birds, 'model.onnx'), '--labels', join(birds, 'labels.txt')];

  it('are told apart by a model given as a file, without any registry', async () => {
    const registry = join(cwd, 'untouched');
    const { code, stdout, stderr } = await classify([
      join(shared, 'pictures/birds'),
      ...model,
      '--models',
      registry,
      '--format',
      'json',
    ]);
    expect(code).toBe(0);
    expect(new Map(imagesOf(stdout).map(topOf) as [string, string][])).toEqual(species);
    expect(stderr).toContain('a guess');
    expect(existsSync(registry)).toBe(false);
  });

  it('have the scores of expected.json where they come resized, alone and together', async () => {
    const expected: Record<string, { fp32: Prediction[] }> = JSON.parse(
      readFileSync(join(birds, 'expected.json'), 'utf8'),
    );
    const folder = join(shared, 'pictures/birds_224');
    const together = imagesOf((await classify([folder, ...model, '--format', 'json', '-q'])).stdout);
    expect(together).toHaveLength(5);
    for (const image of together) {
      const alone = imagesOf((await classify([image.source, ...model, '--format', 'json', '-q'])).stdout);
      expect(alone).toEqual([image]);
      const { fp32 = [] } = expected[basename(image.source).replace(/png$/, 'jpg')] ?? {};
      expect(fp32).toHaveLength(3);
      for (const [place, { index, score }] of fp32.entries()) {
        expect(image.predictions?.[place]?.index).toBe(index);
        expect(Math.abs((image.predictions?.[place]?.score ?? 0) - score)).toBeLessThan(1e-3);
      }
    }
  });

  it('find their labels in a CSV of any order', async () => {
    const flags = ['--model', join(birds, 'model.onnx'), '--labels', join(birds, 'labelmap.csv')];
    const { stdout } = await classify([join(shared, 'pictures/birds'), ...flags, '--format', 'json', '--quiet']);
    expect(new Map(imagesOf(stdout).map(topOf) as [string, string][])).toEqual(species);
  });
});
