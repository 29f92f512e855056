import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AliasRecord } from '@rookery/contracts';
import { openRegistry, type Registry } from '@rookery/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { publishVariation } from '../../packages/models/test/a-variation.ts';
import { photograph } from './pictures.ts';
import { rookery, rookeryFile, userIn } from './rookery.ts';

let folder: string;
let models: string;
let registry: Registry;
let env: Record<string, string>;
let address: string;
let running: ChildProcess;
let dropped = 0;

/** `rookery up`: ingest, a worker and its queue in one process, on an alias. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rookery-rollout-'));
  models = join(folder, 'models');
  await mkdir(join(folder, 'inbox'));
  env = { ROOKERY_MODELS: models, ROOKERY_MODEL: 'birds', ROOKERY_MODEL_POLL: '200ms', ROOKERY_LOG_LEVEL: 'warn' };
  registry = openRegistry({ folder: models });
  await registry.alias('birds', 'production', await publish('main'));
  running = spawn(process.execPath, [rookeryFile, 'up', folder, '--port', '0'], {
    env: userIn(folder, env),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  address = await new Promise((resolve, reject) => {
    running.stderr?.on('data', (chunk: Buffer) => {
      said += chunk;
      const found = /Rookery answers at (\S+)/.exec(said)?.[1];
      if (found) resolve(found.replace(/;$/, ''));
    });
    running.once('exit', () => reject(new Error(said)));
  });
}, 60_000);
afterEach(async () => {
  running.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** Under a label in front of a number each, or labels of its own. */
const publish = (label: string, labels = [0, 1, 2, 3, 4].map((at) => `${label}${at}`)): Promise<string> =>
  publishVariation(registry, 'birds', labels);

async function run(...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await rookery(argv, { cwd: folder, env });
  expect(code, stderr).toBe(0);
  return stdout;
}

async function drop(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await cp(photograph('acanthus-mollis'), join(folder, `inbox/${dropped++}.jpg`));
}

const labelFiles = async (): Promise<string[]> =>
  (await readdir(join(folder, 'labels'), { recursive: true }).catch(() => [])).filter((name) => name.endsWith('.json'));

const alias = async (): Promise<AliasRecord | undefined> => registry.readAlias('birds', 'production');

async function count(name: string, label: string): Promise<number> {
  const body = await (await fetch(`${address}/metrics`)).text();
  return Number(new RegExp(`^${name}\\{[^}]*="${label}"[^}]*\\} (\\d+)$`, 'm').exec(body)?.[1] ?? 0);
}

/** Drops pictures until the alias has changed. */
async function dropUntil(what: string): Promise<void> {
  for (let round = 0; (await alias())?.history?.at(-1)?.what !== what; round++) {
    expect(round, JSON.stringify(await alias())).toBeLessThan(100);
    await drop(6);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

describe('what stands beside the model that dropped pictures are labelled with', { timeout: 120_000 }, () => {
  it('as a shadow labels them too and is compared, and no label is its own', async () => {
    const other = await publish('other');
    await run('models', 'shadow', `birds@${other}`, '--share', '1');
    // Known within the poll.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await drop(8);
    await expect.poll(async () => (await labelFiles()).length, { timeout: 60_000 }).toBe(8);
    await expect.poll(() => count('rookery_shadow_comparisons_total', 'other'), { timeout: 30_000 }).toBe(8);
    for (const name of await labelFiles())
      expect(JSON.parse(await readFile(join(folder, 'labels', name), 'utf8')).predictions[0].label).toMatch(/^main/);
  });

  it('takes over by its rules once it has answered enough, and another one is taken back that labels otherwise', async () => {
    // Photographs are never of its fifth class.
    const good = await publish('good', ['main0', 'main1', 'main2', 'main3', 'good']);
    const rules = ['--promote-after', '12', '--max-errors', '0.1', '--max-disagreement', '0.2'];
    await run('models', 'canary', `birds@${good}`, '--share', '0.5', ...rules);
    await dropUntil('promoted');
    expect(await alias()).toMatchObject({ version: good });
    expect((await alias())?.history?.at(-1)).toMatchObject({
      by: 'rule',
      reason: expect.stringContaining('pictures were labelled otherwise'),
    });
    const bad = await publish('bad');
    await run('models', 'canary', `birds@${bad}`, '--share', '0.5', ...rules);
    await dropUntil('rolled-back');
    const record = await alias();
    expect(record).toMatchObject({ version: good });
    expect(record?.canary).toBeUndefined();
    expect(record?.history?.at(-1)).toMatchObject({
      by: 'rule',
      from: bad,
      reason: expect.stringMatching(/^\d+ of \d+ pictures were labelled otherwise, at most 20 % may$/),
    });
  });
});
