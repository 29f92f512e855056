import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { picturePaths } from '../src/demo/pictures.ts';
import { paretoOf } from '../src/optimize/pareto.ts';
import { aFolder, runCommand } from './a-host.ts';

const cwd = aFolder();
const env = { ROOKERY_MODELS: join(cwd, 'registry') };
/** RGB, 224 x 224. */
async function pixelsOf(name: string): Promise<number[]> {
  const path = picturePaths().find((each) => each.includes(name));
  return [...(await sharp(path).resize(224, 224, { fit: 'fill' }).removeAlpha().raw().toBuffer())];
}

async function savedAs(name: string, pixels: readonly number[]): Promise<string> {
  const path = join(cwd, name);
  const raw = { width: 224, height: 224, channels: 3 } as const;
  await sharp(Uint8Array.from(pixels, Math.round), { raw }).png().toFile(path);
  return path;
}

const rookery = (...argv: string[]) => runCommand(argv, { cwd, env });

it('makes int8 of a model: a variant more, with a report, and it labels pictures', async () => {
  const pictures = await picturePaths();
  const made = await rookery(
    ...['optimize', 'int8', 'content', '--calibrate', ...pictures, '--method', 'min-max', '--agreement', '0.5'],
    ...['--alias', 'canary', '--seconds', '1', '--report', 'report'],
  );
  expect(made.stderr).toContain('5 pictures to change it with, 4 (4 different) to check');
  expect(made.stdout).toMatch(/^added content@[0-9a-f]{12}, variant int8\ncontent:canary is now content@/);
  expect(made.stdout).toMatch(/agreement asked for +50\.0 %; reached on the pictures it was made with\n/);
  expect(made.stdout).toMatch(/weights as bytes +9\d\.\d % of all\n/);
  expect(made.stdout).toMatch(/in short +(up to|not faster).*on this machine, [3-4]\.\d\d times smaller\n/);
  expect(made.stdout).toMatch(/labels .* of 4 different pictures|no flips seen in 4 different pictures/);
  const report = JSON.parse(readFileSync(join(cwd, 'report', 'report.json'), 'utf8'));
  expect(report).toMatchObject({ v: 1, model: 'content', from: { variant: 'fp32' }, calibration: { sources: 5 } });
  expect(report.size.bytes).toBeLessThan(report.size.referenceBytes / 3);
  expect(report.agreement.sources).toBe(4);
  expect(report.layers.length).toBeGreaterThan(30);
  const page = readFileSync(join(cwd, 'report', 'report.html'), 'utf8');
  expect(page).toContain('<h1>content: int8</h1>');
  expect(page).not.toMatch(/<script|http:/);
  const [picture = ''] = pictures;
  const labelled = await rookery(
    'classify',
    picture,
    '--model',
    'content:canary',
    '--variant',
    'int8',
    '--format',
    'json',
  );
  expect(labelled.code).toBe(0);
  expect(labelled.stdout).toContain('"score"');
}, 120_000);

it('leaves an alias where it was when int8 does not agree as asked, publishes, and says how it is moved all the same', async () => {
  // Between two photographs scores are close, and pictures of nothing find bad scales.
  const [from, to] = await Promise.all(['airplane-from-above', 'locomotion-house-cat'].map(pixelsOf));
  if (!from || !to) throw new Error('no photographs');
  const check = await Promise.all(
    Array.from({ length: 41 }, (_, n) =>
      savedAs(
        `between-${n}.png`,
        from.map((value, i) => value + ((to[i] ?? 0) - value) * (n / 40)),
      ),
    ),
  );
  const flat = await Promise.all(
    [20, 230].map((value) =>
      savedAs(
        `flat-${value}.png`,
        from.map(() => value),
      ),
    ),
  );
  const int8 = (...more: string[]) =>
    rookery('optimize', 'int8', 'content', '--calibrate', ...flat, '--method', 'min-max', '--check', ...check, ...more);
  const asked = ['--agreement', '0.99', '--alias', 'careful', '--seconds', '1', '--report', 'missed'];
  const missed = await int8(...asked);
  expect(missed.code).toBe(1);
  expect(missed.stdout).toMatch(/^(added|already there:) content@[0-9a-f]{12}, variant int8\n {2}ranges/);
  const [, address = ''] = /(content@[0-9a-f]{12})/.exec(missed.stdout) ?? [];
  expect(missed.stderr).toMatch(
    /not moved: content:careful: \d+\.\d % of 1 different pictures to check kept their label, 99\.0 % were asked for\n/,
  );
  expect(missed.stderr).toContain(`rookery models promote ${address} --to careful`);
  expect((await rookery('models', 'show', address)).code).toBe(0);
  expect((await rookery('models', 'show', 'content:careful')).code).toBe(3);
  const asJson = await int8(...asked, '--json');
  expect([asJson.code, JSON.parse(asJson.stdout).to.variant]).toEqual([1, 'int8']);
  expect((await int8('--agreement', '0', ...asked.slice(2))).stdout).toContain(`content:careful is now ${address}`);
}, 120_000);

it('finds out before the work that a report cannot go where it should', async () => {
  const [picture = '', other = ''] = picturePaths();
  for (const [argv, folder] of [
    [['int8', 'content', '--calibrate', picture, other], '/dev/null'],
    [['tune', 'content'], '/dev/null/x'],
  ] as const) {
    const { code, stdout, stderr } = await rookery('optimize', ...argv, '--report', folder);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('--report /dev/null: this is no folder');
    expect(stderr).not.toMatch(/looking at|comparing|settings/);
  }
}, 60_000);

it('stores weights in half precision, compared on the demo photographs where no others are named', async () => {
  const made = await rookery('optimize', 'fp16', 'content', '--seconds', '1', '--json');
  expect(made.code).toBe(0);
  const report = JSON.parse(made.stdout);
  expect(report).toMatchObject({ to: { variant: 'fp16' }, agreement: { sources: 9, top1: 1 } });
  expect(report.size.bytes).toBeLessThan(report.size.referenceBytes * 0.55);
  expect(made.stderr).not.toContain('to change it with');
  const page = readFileSync(join(cwd, 'content-fp16-report', 'report.html'), 'utf8');
  expect(page).toContain('No pictures were needed to change it.');
  // Once more there is nothing to do: no folder stays behind that nothing was put into, and what was there stays.
  const again = await rookery(
    'optimize',
    'fp16',
    'content',
    '--from',
    'fp16',
    '--as',
    'again',
    '--report',
    'no/report',
  );
  expect([again.code, again.stderr]).toEqual([3, expect.stringContaining('no float32 weights')]);
  expect(existsSync(join(cwd, 'no'))).toBe(false);
  expect(existsSync(join(cwd, 'content-fp16-report', 'report.html'))).toBe(true);
}, 60_000);

it('says what is missing or wrong', async () => {
  const [picture = ''] = await picturePaths();
  const tries = [
    [['int8', 'content'], /--calibrate/],
    [['int8', 'content', '--calibrate', picture], /at least two different pictures/],
    [['int8', 'content', '--calibrate', picture, '--check', picture], /shows what one to calibrate with shows/],
    [['int8', 'content', '--calibrate', picture, '--method', 'magic'], /--method/],
    [['fp16', 'content', '--as', 'fp32'], /--as/],
    [['fp16', 'content', '--threads', 'many'], /--threads/],
    [['prune', 'content'], /one of --channels, --speed and --weights/],
    [['prune', 'content', '--channels', '0.1', '--speed', '1.2'], /one of --channels, --speed and --weights/],
    [['prune', 'content', '--speed', '0.9'], /--speed: got "0.9", allowed/],
    [['prune', 'content', '--speed', '1.2'], /--calibrate/],
    [['prune', 'content', '--channels', '2'], /--channels/],
    [['prune', 'content', '--weights', '3:4'], /--weights/],
    [['prune', 'content', '--channels', '0.1'], /--calibrate/],
    [['fp16', 'nowhere'], /MODEL_NOT_FOUND/],
    [['fp16', 'content', '--check', 'no-such-folder/'], /SOURCE_NOT_FOUND/],
  ] as const;
  for (const [argv, wanted] of tries) {
    const { code, stderr } = await rookery('optimize', ...argv);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(wanted);
  }
}, 60_000);

it('finds the points that no other beats', () => {
  const points = [
    { speed: 100, loss: 0 },
    { speed: 140, loss: 0.1 },
    { speed: 130, loss: 0.1 },
    { speed: 90, loss: 0 },
    { speed: 140, loss: 0.1 },
  ];
  expect(paretoOf(points)).toEqual([true, true, false, false, true]);
});

it('tunes: every setting once, the fastest that agrees, a table and a plot', async () => {
  // Of the starter alone: loading each form of it for each setting takes longest.
  const alone = { cwd, env: { ROOKERY_MODELS: join(cwd, 'alone') } };
  const tuned = await runCommand(['optimize', 'tune', 'content', '--seconds', '2', '--report', 'tune'], alone);
  expect(tuned.code).toBe(0);
  const [, variant] = /^fastest: --variant (\S+) --engine onnx --threads \d+ --batch \d+$/m.exec(tuned.stdout) ?? [];
  const report = JSON.parse(readFileSync(join(cwd, 'tune', 'report.json'), 'utf8'));
  expect(variant).toBe(report.chosen.variant);
  const speeds = report.settings.map(({ picturesPerSecond }: { picturesPerSecond: number }) => picturesPerSecond);
  expect(speeds).toEqual([...speeds].sort((a, b) => b - a));
  expect(Math.min(...speeds)).toBeGreaterThan(0);
  for (const { agreement } of report.settings) expect(agreement).toMatchObject({ stable: 1, sources: 9 });
  const page = readFileSync(join(cwd, 'tune', 'report.html'), 'utf8');
  expect(page).toContain('<circle class="dot"');
  // No flip was seen: of nine pictures a share would say more than is known.
  for (const text of [tuned.stdout, page]) expect(text).toMatch(/no flips in 9/);
}, 120_000);
