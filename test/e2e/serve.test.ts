import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { photograph } from './pictures.ts';
import { rookery, rookeryFile, userIn } from './rookery.ts';

const canyon = photograph('black-canyon');
const clientFile = fileURLToPath(new URL('../peers/client.py', import.meta.url));
const hasPython = await promisify(execFile)('python3', ['-c', 'import requests']).then(
  () => true,
  () => false,
);

let folder: string;
let running: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rookery-serve-'));
});
afterEach(async () => {
  if (running?.exitCode === null) {
    running.kill('SIGKILL');
    await once(running, 'exit');
  }
  running = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** Starts the service and waits for its address. */
async function serve(...args: string[]): Promise<{ address: string; output: () => string; process: ChildProcess }> {
  const child = spawn(process.execPath, [rookeryFile, 'serve', '--port', '0', ...args], {
    cwd: folder,
    env: userIn(folder),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running = child;
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk));
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const [, found] = /Rookery answers at (\S+)/.exec(text) ?? [];
      if (found) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
  });
  return { address, output: () => text, process: child };
}

const classify = async (address: string, headers: Record<string, string> = {}) =>
  fetch(`${address}/v1/classify?top=1`, {
    method: 'POST',
    headers: { 'content-type': 'image/jpeg', ...headers },
    body: await readFile(canyon),
  });

describe('rookery serve', () => {
  it('says where it answers, labels pictures there, and ends in peace', async () => {
    const { address, output, process } = await serve();
    expect(output()).toContain('not asked for: only this machine can reach it');
    const answer = await classify(address);
    expect(await answer.json()).toMatchObject({
      model: { name: 'content' },
      images: [{ predictions: [{ label: 'safe', score: expect.closeTo(0.998, 2) }] }],
    });
    expect((await fetch(`${address}/health/ready`)).status).toBe(200);
    expect((await fetch(`${address}/docs`)).status).toBe(200);
    const metrics = await (await fetch(`${address}/metrics`)).text();
    expect(metrics).toMatch(/http_request_duration_seconds_count\{[^}]*route="\/v1\/classify"[^}]*\} 1/);
    expect(metrics).toMatch(/process_resident_memory_bytes/);
    // One in progress is answered: the service has its head when the signal comes, and its body only after.
    const last = request(`${address}/v1/classify?top=1`, {
      method: 'POST',
      headers: { 'content-type': 'image/jpeg', expect: '100-continue' },
    });
    const answered = once(last, 'response');
    last.flushHeaders();
    await once(last, 'continue');
    process.kill('SIGTERM');
    last.end(await readFile(canyon));
    const [response] = await answered;
    expect(response.statusCode).toBe(200);
    response.resume();
    const [code] = await once(process, 'exit');
    expect(code).toBe(0);
  });

  it('runs a model that is a file, under its own name', async () => {
    const models = join(folder, 'models');
    const listed = await rookery(['models', 'show', 'content', '--json'], {
      cwd: folder,
      env: { ROOKERY_MODELS: models },
    });
    const shown = JSON.parse(listed.stdout);
    const graph = join(shown.folder, shown.variants?.fp32?.path ?? 'model.fp32.onnx');
    await mkdir(join(folder, 'files'));
    await copyFile(graph, join(folder, 'files', 'mine.onnx'));
    await copyFile(join(shown.folder, shown.labels ?? 'labels.txt'), join(folder, 'files', 'labels.txt'));
    const { address } = await serve('--model', 'files/mine.onnx');
    expect(await (await classify(address)).json()).toMatchObject({ model: { name: 'mine' } });
    const { models: all } = (await (await fetch(`${address}/v1/models`)).json()) as {
      models: { name: string; isDefault: boolean }[];
    };
    expect(all.find(({ isDefault }) => isDefault)?.name).toBe('mine');
    expect(
      (
        await fetch(`${address}/v1/classify?model=mine`, {
          method: 'POST',
          headers: { 'content-type': 'image/jpeg' },
          body: await readFile(canyon),
        })
      ).status,
    ).toBe(200);
  });

  it('is bound elsewhere only with keys, and then asks for them', async () => {
    const refused = await rookery(['serve', '--host', '0.0.0.0', '--port', '0'], { cwd: folder });
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('rookery keys create')]);
    // Before a model was warmed or anything was made.
    expect(refused.stderr).not.toContain('"msg"');
    const open = await rookery(['serve', '--host', '0.0.0.0', '--port', '0', '--no-auth'], { cwd: folder });
    expect(open.code).toBe(2);

    const key = (await rookery(['keys', 'create', 'phone', '--scopes', 'classify'], { cwd: folder })).stdout.trim();
    expect(key).toMatch(/^rk_/);
    const { address, output } = await serve('--host', '0.0.0.0');
    expect(output()).toContain('asked for');
    const here = address.replace('0.0.0.0', '127.0.0.1');
    expect((await classify(here)).status).toBe(401);
    expect((await classify(here, { authorization: `Bearer ${key}` })).status).toBe(200);
    expect((await rookery(['keys', 'list'], { cwd: folder })).stdout).toMatch(/phone +classify .* in force/);
    expect((await rookery(['keys', 'revoke', 'phone'], { cwd: folder })).code).toBe(0);
    while ((await classify(here, { authorization: `Bearer ${key}` })).status !== 401)
      await new Promise((resolve) => setTimeout(resolve, 100));
  });

  it('says that its port is taken', async () => {
    const { address } = await serve();
    const second = await rookery(['serve', '--port', new URL(address).port], { cwd: folder });
    expect([second.code, second.stderr]).toEqual([2, expect.stringContaining('something else listens there')]);
  });

  it('says that the folder of local files is not there', async () => {
    const { code, stderr } = await rookery(['serve', '--port', '0', '--local-root', 'nowhere'], { cwd: folder });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/api\.localRoot .*nowhere: there is no such folder/)]);
  });

  it.skipIf(!hasPython)('answers the client of the original as it is (Python with requests)', async () => {
    const { address } = await serve('--local-root', '.');
    await copyFile(canyon, join(folder, 'bird.jpg'));
    const { stdout } = await promisify(execFile)('python3', [clientFile, `${address}/classify`, canyon, 'bird.jpg']);
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringMatching(/^safe 1(\.0)?$/),
      expect.stringMatching(/^\[\('safe', 1(\.0)?\), \('drawing', 0(\.0)?\), \('suggestive', 0(\.0)?\)\]$/),
      'multipart/x-mixed-replace; boundary=frame 1',
    ]);
  });
});
