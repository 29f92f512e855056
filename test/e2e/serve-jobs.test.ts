import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { photograph } from './pictures.ts';
import { rookeryFile, userIn } from './rookery.ts';

let folder: string;
let running: ChildProcess[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rookery-serve-jobs-'));
  running = [];
});
afterEach(async () => {
  for (const child of running) if (child.exitCode === null && child.signalCode === null) await kill(child);
  await rm(folder, { recursive: true, force: true });
});

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

const photos = () => join(folder, 'photos');

/** Starts a command of the bundle; resolves with what it has said once that matches. */
async function start(said: RegExp, ...args: string[]): Promise<{ child: ChildProcess; match: string }> {
  const child = spawn(process.execPath, [rookeryFile, ...args], {
    cwd: folder,
    env: userIn(folder),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let text = '';
  const match = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        text += chunk;
        const [, found] = said.exec(text) ?? [];
        if (found) resolve(found);
      });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
  });
  return { child, match };
}

const serve = (...args: string[]) =>
  start(/Rookery answers at (\S+)/, 'serve', '--port', '0', '--sources', photos(), '--threads', '1', ...args);

async function copies(count: number): Promise<void> {
  await mkdir(photos(), { recursive: true });
  const names = ['black-canyon', 'nagasaki-boats', 'acanthus-mollis'] as const;
  for (let n = 0; n < count; n++)
    await copyFile(photograph(names[n % 3] ?? 'black-canyon'), join(photos(), `${String(n).padStart(4, '0')}.jpg`));
}

const source = () => ({ kind: 'prefix', bucket: pathToFileURL(photos()).href, prefix: '' });

async function aJob(address: string, body: object): Promise<string> {
  const answer = await fetch(`${address}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { id: string }).id;
}

const view = async (address: string, id: string) => (await fetch(`${address}/v1/jobs/${id}`)).json();

it('a service that is killed goes on with its jobs when it is started again: each picture has its line', async () => {
  await copies(300);
  const first = await serve();
  const ids = [
    await aJob(first.match, { source: source(), note: 'one' }),
    await aJob(first.match, { source: source() }),
  ];
  const [id = ''] = ids;
  await expect.poll(async () => (await view(first.match, id)).tasks.done, { timeout: 60_000 }).toBeGreaterThan(0);
  expect((await view(first.match, id)).state).not.toBe('complete');
  await kill(first.child);
  const second = await serve();
  for (const each of ids)
    await expect
      .poll(async () => (await view(second.match, each)).state, { timeout: 90_000, interval: 500 })
      .toBe('complete');
  const results = await (await fetch(`${second.match}/v1/jobs/${id}/results`)).text();
  const keys = results
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).key);
  expect(keys).toEqual(Array.from({ length: 300 }, (_, n) => `${String(n).padStart(4, '0')}.jpg`));
  const { jobs } = (await (await fetch(`${second.match}/v1/jobs`)).json()) as { jobs: { id: string }[] };
  expect(jobs.map((job) => job.id)).toEqual([...ids].reverse());
});

it('pictures are put to the service, and their labels taken from it', async () => {
  await mkdir(photos());
  const { match: address } = await serve();
  const picture = await readFile(photograph('black-canyon'));
  const json = { 'content-type': 'application/json' };
  const files = [{ name: 'canyon.jpg', sizeBytes: picture.length, type: 'image/jpeg' }];
  const asked = await fetch(`${address}/v1/uploads`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ files }),
  });
  const { upload, slots } = (await asked.json()) as { upload: string; slots: { url: string; headers: object }[] };
  for (const { url, headers } of slots)
    expect((await fetch(address + url, { method: 'PUT', headers: { ...headers }, body: picture })).status).toBe(200);
  const id = await aJob(address, { source: { kind: 'upload', upload } });
  await expect.poll(async () => (await view(address, id)).state, { timeout: 60_000 }).toBe('complete');
  const csv = await (await fetch(`${address}/v1/jobs/${id}/results?format=csv`)).text();
  expect(csv).toContain(`uploads/${upload}/canyon.jpg`);
  expect(csv).toContain('safe');
  await expect
    .poll(async () => (await fetch(`${address}/v1/fleet`)).json(), { timeout: 30_000 })
    .toMatchObject({ workers: [{ kind: 'embedded', state: 'ready' }], dashboard: null });
});

it('with Redis its workers do the jobs, and BullMQ has its dashboard', async ({ skip }) => {
  const { redis } = inject('services');
  if (!redis.available) skip(`no Redis: ${redis.missing}`);
  await copies(6);
  const queue = ['--queue', redis.url, '--queue-name', `serve-${process.pid}`];
  const { match: address } = await serve(...queue);
  const id = await aJob(address, { source: source() });
  await start(/(leasing tasks)/, 'worker', '--store', '.rookery', '--sources', photos(), '--threads', '1', ...queue);
  await expect.poll(async () => (await view(address, id)).state, { timeout: 60_000 }).toBe('complete');
  await expect
    .poll(async () => ((await (await fetch(`${address}/v1/fleet`)).json()) as { workers: unknown }).workers, {
      timeout: 30_000,
    })
    .toMatchObject([{ kind: 'remote' }]);
  const page = await fetch(`${address}/queues`);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<base href="/queues/')]);
  const [script = ''] = /static\/js\/main[^"]+/.exec(await (await fetch(`${address}/queues`)).text()) ?? [];
  expect((await fetch(`${address}/queues/${script}`)).status).toBe(200);
});
