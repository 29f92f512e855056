import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ResultLine } from '@rookery/contracts';
import { DriftAlarm, defaultDriftRules, type Window, WindowSketch } from '@rookery/monitor';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { randomOf } from '../../packages/monitor/test/random.ts';
import { rookery, rookeryFile, userIn } from './rookery.ts';
import { writeVaried } from './varied-pictures.ts';

const pictures = 216;
let folder: string;
const at = (...parts: string[]): string => join(folder, ...parts);
/** By job: its lines. */
const lines = new Map<string, ResultLine[]>();
let server: ChildProcess;
let address: string;

const command = (...argv: string[]) => rookery([...argv, '--store', at('own')], { cwd: folder });

/** The starter labels the pictures of a folder as a job of the service. */
async function label(job: string): Promise<void> {
  const answer = await fetch(`${address}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ source: { kind: 'prefix', bucket: pathToFileURL(at('photos')).href, prefix: `${job}/` } }),
  });
  const { id } = (await answer.json()) as { id: string };
  const view = async () => ((await (await fetch(`${address}/v1/jobs/${id}`)).json()) as { state: string }).state;
  await expect.poll(view, { timeout: 60_000 }).toBe('complete');
  const text = await (await fetch(`${address}/v1/jobs/${id}/results`)).text();
  lines.set(
    job,
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ResultLine),
  );
  ids.set(job, id);
}
const ids = new Map<string, string>();
const idOf = (job: string): string => ids.get(job) ?? '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rookery-monitor-'));
  await Promise.all([
    writeVaried(at('photos/usual'), pictures, { light: 1, random: randomOf(1) }),
    writeVaried(at('photos/again'), pictures, { light: 1, random: randomOf(2) }),
    writeVaried(at('photos/dark'), pictures, { light: 0.15, random: randomOf(3) }),
    writeVaried(at('photos/drawings'), pictures, {
      light: 1,
      only: ['acanthus-mollis', 'locomotion-house-cat'],
      random: randomOf(4),
    }),
  ]);
  server = spawn(
    process.execPath,
    [rookeryFile, 'serve', '--port', '0', '--sources', at('photos'), '--store', at('own')],
    {
      cwd: folder,
      env: userIn(folder, { ROOKERY_MONITOR_SLICE: '100' }),
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  address = await new Promise<string>((resolve, reject) => {
    let text = '';
    server.stdout?.on('data', (chunk: Buffer) => {
      text += chunk;
      const [, found] = /Rookery answers at (\S+)/.exec(text) ?? [];
      if (found) resolve(found);
    });
    server.once('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
  });
}, 120_000);

afterAll(async () => {
  if (server.exitCode === null) {
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  }
  await rm(folder, { recursive: true, force: true });
});

it('the service labels the pictures of jobs', async () => {
  for (const job of ['usual', 'again', 'dark', 'drawings']) await label(job);
  expect([...lines.values()].map((of) => of.length)).toEqual(new Array(4).fill(pictures));
});

it('true labels are taken by the service, once', async () => {
  const give = (body: object) =>
    fetch(`${address}/v1/feedback`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const batch = {
    job: idOf('usual'),
    labels: (lines.get('usual') ?? [])
      .slice(0, 100)
      .map(({ key, predictions }) => ({ key, label: predictions[0]?.label })),
  };
  const first = await give(batch);
  expect(first.status).toBe(201);
  expect(await first.json()).toMatchObject({ labels: 100, isNew: true });
  const again = await give(batch);
  expect(again.status).toBe(200);
  expect(await again.json()).toMatchObject({ isNew: false });
  expect((await give({ ...batch, job: 'nobodys' })).status).toBe(404);
  expect((await give({ labels: batch.labels })).status).toBe(400);
});

it('what workers wrote is there when the service stops', async () => {
  const exited = once(server, 'exit');
  server.kill('SIGTERM');
  expect((await exited)[0]).toBe(0);
  const { code, stdout } = await command('monitor', 'report', '--json');
  expect(code).toBe(0);
  const [report] = JSON.parse(stdout);
  expect(report).toMatchObject({ verdict: 'unknown', reference: null, window: { pictures: 4 * pictures } });
  const brightness = report.window.histograms.brightness as number[];
  expect(brightness.reduce((sum, count) => sum + count, 0)).toBe(4 * pictures);
});

it('a job of such pictures is stable, one of dark pictures drifts, one of other things drifts', async () => {
  const baseline = await command('monitor', 'baseline', 'content', '--job', idOf('usual'));
  expect(baseline).toMatchObject({ code: 0, stdout: expect.stringContaining(`is compared with ${pictures} pictures`) });
  expect(await command('monitor', 'baseline', 'content', '--job', idOf('usual'))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--replace'),
  });
  const report = (job: string) => command('monitor', 'report', '--job', idOf(job), '--check', '--html', `${job}.html`);
  const again = await report('again');
  expect(again.stdout).toContain('stable');
  expect(again.code).toBe(0);
  const dark = await report('dark');
  expect(dark.stdout).toContain('drift: brightness');
  expect(dark.code).toBe(1);
  const drawings = await report('drawings');
  expect(drawings.stdout).toContain('drift: classes');
  expect(drawings.code).toBe(1);
  const page = await readFile(at('dark.html'), 'utf8');
  expect(page).toContain('<svg');
  expect(page).not.toMatch(/<script|https?:\/\/|src=|href=/);
});

it('true labels from a file say how often the model is right', async () => {
  const usual = lines.get('usual') ?? [];
  const wrong = usual.slice(0, 20).map(({ key }) => `"${key}",something else`);
  await writeFile(at('truth.csv'), ['key,label', ...wrong].join('\r\n'));
  expect(await command('feedback', 'truth.csv', '--job', idOf('usual'))).toMatchObject({
    code: 0,
    stdout: '20 true labels kept\n',
    stderr: expect.stringMatching(/^note: no class of content@\w{12}, and so never right: "something else"$/m),
  });
  expect(await command('feedback', 'truth.csv', '--job', idOf('usual'))).toMatchObject({
    stdout: '0 true labels kept, 20 were known already\n',
  });
  const { stdout } = await command('monitor', 'report', '--job', idOf('usual'), '--json');
  const [{ feedback }] = JSON.parse(stdout);
  expect(feedback).toMatchObject({ count: 100, correct: 80, accuracy: 0.8, missing: 0 });
  expect(feedback.calibration).toHaveLength(10);
  expect(await command('feedback', `${usual[0]?.key}=`, '--job', idOf('usual'))).toMatchObject({ code: 2 });
});

/** So many pictures, each with a line that the classifier really gave. */
function drawn(count: number, from: readonly ResultLine[], random: () => number): Window {
  const sketch = new WindowSketch({ model: `sha256:${'0'.repeat(64)}` });
  for (let n = 0; n < count; n++) {
    const line = from[Math.floor(random() * from.length)];
    if (line) sketch.add(line, Date.now());
  }
  return sketch.window();
}

it("with the classifier's own answers: silent through 100,000 pictures, and not through 2,000 of a worse model", () => {
  const random = randomOf(5);
  const usual = lines.get('usual') ?? [];
  const alarm = new DriftAlarm(drawn(5_000, usual, random), defaultDriftRules);
  for (let n = 0; n < 100_000; n += 500) {
    alarm.add(drawn(500, usual, random));
    expect(alarm.alarmed).toEqual([]);
  }
  // Half as sure of everything, and one in three labels another's.
  const worse = usual.map((line, place) => {
    const predictions = line.predictions.map((one, rank) => ({
      ...one,
      score: rank === 0 ? one.score * 0.6 : one.score,
    }));
    return { ...line, predictions: place % 3 === 0 ? predictions.toReversed() : predictions };
  });
  for (let n = 0; n < 2_000; n += 500) alarm.add(drawn(500, worse, random));
  expect(alarm.alarmed.map(({ measure }) => measure)).toEqual(expect.arrayContaining(['confidence']));
});
