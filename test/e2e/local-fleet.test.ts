import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { link, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { dieWithUs, endedBefore, temporaryFolder } from '../services/reaper.ts';
import { photograph } from './pictures.ts';
import { rookery, rookeryFile, userIn } from './rookery.ts';

const { redis } = inject('services');
const pictures = 120;
const healthPort = 20_000 + (process.pid % 10_000) * 2;

it.skipIf(!redis.available)(
  'rookery fleet starts workers as work comes, replaces one that is killed, and goes back to none',
  async () => {
    using folder = temporaryFolder('local-fleet');
    const cwd = folder.path;
    await mkdir(join(cwd, 'photos'));
    for (let at = 0; at < pictures; at++) await link(photograph('black-canyon'), join(cwd, 'photos', `${at}.jpg`));
    const name = `local-fleet-${process.pid}`;
    const queue = ['--queue', redis.url, '--queue-name', name];
    const store = ['--store', join(cwd, 'store')];
    const pace = ['--max', '2', '--backlog', '1', '--period', '200ms', '--cooldown', '1s'];
    await using fleet = startFleet(cwd, [...pace, ...queue, ...store, '--sources', cwd, '--', '--lease', '2s']);

    await fleet.until(/"msg":"scaling workers"/);
    const run = (...argv: string[]) => rookery(argv, { cwd });
    const made = run('enqueue', 'photos', '--job', 'some', '--task-size', '4', '--wait', ...queue, ...store);
    const [, pid] = await fleet.until(/"pid":(\d+).*"msg":"worker started"/);
    await expect
      .poll(async () => (await run('jobs', 'show', 'some', '--json', ...store)).stdout)
      .toMatch(/"done":[1-9]/);
    process.kill(Number(pid), 'SIGKILL');
    await fleet.until(/"by":"SIGKILL".*"msg":"a worker ended by itself"/);
    expect(await made).toMatchObject({ code: 0 });
    // Each worker has a port of its own for probes and metrics.
    for (const port of [healthPort, healthPort + 1]) await fleet.until(new RegExp(`"url":"http://127.0.0.1:${port}"`));

    await fleet.until(/"desired":0,.*"msg":"the fleet changes"/);
    const count = (msg: string) => fleet.text().split(`"msg":"${msg}"`).length - 1;
    await expect.poll(() => count('worker stopped'), { timeout: 30_000 }).toBe(count('worker started') - 1);
    expect(count('worker started')).toBeGreaterThanOrEqual(2);
    expect(fleet.text()).not.toMatch(/"level":"error"/);
    const lines = (await run('jobs', 'results', 'some', ...store)).stdout.trim().split('\n');
    expect(lines).toHaveLength(pictures);
    expect(lines.every((line) => line.includes('"label":"safe"'))).toBe(true);
    expect(await fleet.stop()).toBe(0);
  },
);

function startFleet(cwd: string, argv: readonly string[]) {
  const child: ChildProcess = spawn(process.execPath, [rookeryFile, 'fleet', ...argv], {
    cwd,
    env: userIn(cwd, { ROOKERY_HEALTH_PORT: String(healthPort) }),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  if (child.pid !== undefined) dieWithUs(child.pid);
  const ended = once(child, 'exit') as Promise<[number | null]>;
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk));
  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM');
    const [code] = await ended;
    if (child.pid !== undefined) endedBefore(child.pid);
    return code;
  };
  return {
    text: () => text,
    stop,
    async until(pattern: RegExp): Promise<RegExpExecArray> {
      await expect.poll(() => text, { timeout: 60_000 }).toMatch(pattern);
      return pattern.exec(text) as RegExpExecArray;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await stop();
    },
  };
}
