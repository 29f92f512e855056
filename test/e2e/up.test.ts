import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRegistry } from '@rookery/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { publishVariation } from '../../packages/models/test/a-variation.ts';
import { photograph } from './pictures.ts';
import { rookery, rookeryFile } from './rookery.ts';

const photographs = ['acanthus-mollis', 'airplane-from-above', 'black-canyon', 'march-pastoral', 'nagasaki-boats'].map(
  photograph,
);
let folder: string;
let running: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rookery-up-'));
  await mkdir(join(folder, 'inbox'));
});
afterEach(async () => {
  running?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

const labelsOf = (name: string): string[] => ['', 1, 2, 3, 4].map((each) => `${name}${each}`);

function up(env: NodeJS.ProcessEnv = {}): ChildProcess {
  running = spawn(process.execPath, [rookeryFile, 'up', folder], {
    env: { PATH: process.env.PATH, HOME: folder, ...env },
    stdio: 'ignore',
  });
  return running;
}

/** The labels of the inbox by picture, as text. */
async function labels(): Promise<Record<string, string>> {
  const names = (await readdir(join(folder, 'labels'), { recursive: true }).catch(() => [])).filter((name) =>
    name.endsWith('.json'),
  );
  const read = names.map(async (name) => [
    name.split('/').slice(1).join('/'),
    await readFile(join(folder, 'labels', name), 'utf8'),
  ]);
  return Object.fromEntries(await Promise.all(read));
}

async function untilLabelled(count: number): Promise<Record<string, string>> {
  for (;;) {
    const there = await labels();
    if (Object.keys(there).length >= count) return there;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('rookery up', () => {
  it('follows the alias that its model is named by, without a restart', async () => {
    const models = { ROOKERY_MODELS: join(folder, 'models'), ROOKERY_MODEL: 'birds', ROOKERY_MODEL_POLL: '200ms' };
    const registry = openRegistry({ folder: models.ROOKERY_MODELS });
    const [first, second] = [
      await publishVariation(registry, 'birds', labelsOf('first')),
      await publishVariation(registry, 'birds', labelsOf('second')),
    ];
    await registry.alias('birds', 'production', first);
    await cp(photographs[0] ?? '', join(folder, 'inbox/before.jpg'));
    up(models);
    const labelsIn = (text = '{}'): string[] =>
      JSON.parse(text).predictions.map(({ label }: { label: string }) => label);
    expect(labelsIn((await untilLabelled(1))['before.jpg.json'])).toContainEqual(expect.stringContaining('first'));
    await registry.alias('birds', 'production', second);
    // One that comes right after may still meet the version before.
    for (let i = 0; ; i++) {
      await cp(photographs[1] ?? '', join(folder, `inbox/${i}.jpg`));
      const there = labelsIn((await untilLabelled(i + 2))[`${i}.jpg.json`]);
      if (there.join().includes('second')) break;
      expect(there).toContainEqual(expect.stringContaining('first'));
    }
  });

  it('labels what is dropped into the inbox, goes on after it was killed, and ends in peace', async () => {
    const [first = '', ...others] = photographs;
    await cp(first, join(folder, 'inbox/first.jpg'));
    let process = up();
    await untilLabelled(1);
    const second = await rookery(['up', folder], { cwd: folder });
    expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(`FOLDER_IN_USE.* process ${process.pid}`) });
    for (const [index, path] of others.entries()) await cp(path, join(folder, `inbox/${index}.jpg`));
    await untilLabelled(3);
    process.kill('SIGKILL');
    await once(process, 'exit');
    // Dropped while nobody watched.
    await cp(first, join(folder, 'inbox/late.jpg'));
    process = up();
    const there = await untilLabelled(others.length + 2);
    expect(JSON.parse(there['late.jpg.json'] ?? '{}')).toMatchObject({ key: 'late.jpg', predictions: [{}, {}, {}] });
    for (const text of Object.values(there)) expect(JSON.parse(text).error).toBeUndefined();
    process.kill('SIGTERM');
    expect(await once(process, 'exit')).toEqual([0, null]);
    expect(await readdir(join(folder, '.rookery/in-flight'))).toEqual([]);
  });

  it('takes the label away with its picture', async () => {
    const [first = ''] = photographs;
    await cp(first, join(folder, 'inbox/a.jpg'));
    up();
    await untilLabelled(1);
    await rm(join(folder, 'inbox/a.jpg'));
    while (Object.keys(await labels()).length > 0) await new Promise((resolve) => setTimeout(resolve, 100));
  });
});
