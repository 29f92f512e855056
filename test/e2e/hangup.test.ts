import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { labelKey } from '@rookery/contracts';
import { openRegistry } from '@rookery/models';
import { expect, it } from 'vitest';
import { publishVariation } from '../../packages/models/test/a-variation.ts';
import { photograph } from './pictures.ts';
import { rookeryFile, userIn } from './rookery.ts';

it('SIGHUP lets rookery up look at once what its alias means, and ends nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rookery-hangup-'));
  const inbox = join(folder, 'inbox');
  await mkdir(inbox);
  const models = join(folder, 'models');
  const registry = openRegistry({ folder: models });
  const first = await publishVariation(registry, 'birds', 'first');
  const second = await publishVariation(registry, 'birds', 'second');
  await registry.alias('birds', 'production', first);
  const env = userIn(folder, { ROOKERY_MODELS: models, ROOKERY_MODEL_POLL: '1h' });
  const running = spawn(process.execPath, [rookeryFile, 'up', folder, '--port', '0', '--model', 'birds'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  running.stderr.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  let dropped = 0;
  const label = async (): Promise<string> => {
    const name = `${dropped++}.jpg`;
    await cp(photograph('acanthus-mollis'), join(inbox, name));
    const file = join(folder, labelKey(pathToFileURL(inbox).href, name));
    await expect.poll(() => readFile(file, 'utf8').catch(() => ''), { timeout: 20_000 }).not.toBe('');
    return JSON.parse(await readFile(file, 'utf8')).model;
  };
  try {
    await expect.poll(() => said, { timeout: 30_000 }).toContain('Rookery answers at');
    const before = await label();
    await registry.alias('birds', 'production', second);
    expect(await label()).toBe(before);
    running.kill('SIGHUP');
    await expect.poll(label, { timeout: 20_000 }).not.toBe(before);
    expect(running.exitCode).toBeNull();
  } finally {
    running.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}, 90_000);
