import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withFolderLock } from '../src/folder/folder-lock.ts';
import { openRegistry } from '../src/index.ts';
import { aDraft, aFolder, anotherDraft } from './a-draft.ts';

const face = new URL('../dist/index.js', import.meta.url).href;
const processes = 20;
const movers = 8;

/** A process of its own with a registry on the folder and `draft(graph)`; the last value of its script is what it answers. */
function publisher(folder: string, script: string) {
  const { manifest, files } = aDraft();
  const others = [...files].filter(([path]) => path !== manifest.variants.fp32?.path);
  const source = `
    import { openRegistry } from ${JSON.stringify(face)};
    const registry = openRegistry({ folder: ${JSON.stringify(folder)}, builtIn: [] });
    const others = ${JSON.stringify(others.map(([path, bytes]) => [path, Buffer.from(bytes).toString('utf8')]))};
    const draft = (graph) => ({
      manifest: ${JSON.stringify(manifest)},
      files: new Map([...others.map(([path, text]) => [path, Buffer.from(text)]), ['model.fp32.onnx', Buffer.from(graph)]]),
    });
    process.stdout.write('ready\\n');
    await new Promise((resolve) => process.stdin.once('data', resolve));
    const answer = await (async () => { ${script} })().catch((error) => ({ code: error.code }));
    process.stdout.write(JSON.stringify(answer ?? null));
    process.exit(0);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk;
      if (text.startsWith('ready\n')) resolve();
    });
  });
  return {
    child,
    ready,
    start: () => child.stdin.write('go\n'),
    answer: async () => {
      if (child.exitCode === null) await once(child, 'close');
      return JSON.parse(text.slice('ready\n'.length));
    },
  };
}

/** Starts them all, lets them go at the same moment, and gathers what they answer. */
async function atOnce(folder: string, scripts: readonly string[]): Promise<unknown[]> {
  const all = scripts.map((script) => publisher(folder, script));
  const answers = all.map(({ child, answer }) => once(child, 'close').then(answer));
  await Promise.all(all.map(({ ready }) => ready));
  for (const { start } of all) start();
  return Promise.all(answers);
}

const isFinal = (name: string) => !name.startsWith('.');

it('twenty processes publish the same and different models under one name at once: each is one version, and whole', async () => {
  const folder = await aFolder();
  const answers = (await atOnce(
    folder,
    Array.from(
      { length: processes },
      (_, index) => `return [
        await registry.publish('birds', draft('g'.repeat(3e6))),
        await registry.publish('birds', draft('graph ${index}'), { alias: 'production' }),
      ];`,
    ),
  )) as { version: string; created: boolean }[][];
  const [same, own] = [answers.map(([first]) => first), answers.map(([, second]) => second?.version ?? '')];
  expect(same.filter((published) => published?.created)).toHaveLength(1);
  expect(new Set(same.map((published) => published?.version)).size).toBe(1);
  expect(new Set(own).size).toBe(processes);

  const registry = openRegistry({ folder, builtIn: [] });
  const [model] = await registry.list();
  const versions = [...own, same[0]?.version ?? ''].sort();
  expect(model?.versions.map(({ manifest }) => manifest.version).sort()).toEqual(versions);
  expect(own).toContain(model?.aliases.production);
  expect((await readdir(join(folder, 'birds'))).sort()).toEqual([...versions, 'aliases'].sort());
  for (const version of versions) expect((await registry.verify(`birds@${version}`)).intact).toBe(true);
}, 120_000);

it('of eight processes that move an alias from the same version at once one succeeds', async () => {
  const folder = await aFolder();
  const registry = openRegistry({ folder, builtIn: [] });
  const start = (await registry.publish('birds', anotherDraft(), { alias: 'production' })).version;
  const targets = await Promise.all(
    Array.from({ length: movers }, async () => (await registry.publish('birds', anotherDraft())).version),
  );
  const answers = await atOnce(
    folder,
    targets.map(
      (target) =>
        `await registry.alias('birds', 'production', '${target}', { expect: '${start}' }); return '${target}';`,
    ),
  );
  const winners = answers.filter((answer) => typeof answer === 'string');
  expect(winners).toHaveLength(1);
  expect(answers.filter((answer) => typeof answer !== 'string')).toEqual(
    Array(movers - 1).fill({ code: 'ALIAS_CONFLICT' }),
  );
  expect((await registry.list())[0]?.aliases).toEqual({ production: winners[0] });
}, 120_000);

it('a process killed while it publishes leaves nothing to be seen, and what it left is removed later', async () => {
  const folder = await aFolder();
  const registry = openRegistry({ folder, builtIn: [] });
  const home = join(folder, 'birds');
  let left: string[] = [];
  // Killed after another while each time, until one was caught in the middle.
  for (let attempt = 0; left.length === 0 && attempt < 40; attempt++) {
    const { child, ready, start } = publisher(
      folder,
      `return registry.publish('birds', draft('${attempt}'.repeat(4e7)));`,
    );
    await ready;
    start();
    const closed = once(child, 'close');
    while (child.exitCode === null && (await readdir(home).catch(() => [])).every(isFinal))
      await new Promise(setImmediate);
    child.kill('SIGKILL');
    await closed;
    left = (await readdir(home)).filter((name) => !isFinal(name));
  }
  expect(left).toHaveLength(1);
  for (const { versions, damaged } of await registry.list()) {
    expect(damaged).toEqual([]);
    for (const { manifest } of versions)
      expect(await registry.verify(`birds@${manifest.version}`)).toMatchObject({ intact: true });
  }
  // Another publisher leaves it alone while it could be alive.
  await registry.publish('birds', anotherDraft());
  expect((await readdir(home)).filter((name) => !isFinal(name))).toEqual(left);
  const longAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
  const path = join(home, left[0] ?? '');
  for (const name of await readdir(path)) await utimes(join(path, name), longAgo, longAgo);
  await utimes(path, longAgo, longAgo);
  await registry.publish('birds', anotherDraft());
  expect((await readdir(home)).filter((name) => !isFinal(name))).toEqual([]);
}, 120_000);

it('a lock is held by one at a time, and that of a dead process does not stay', async () => {
  const folder = await aFolder();
  const lock = join(folder, 'lock');
  await mkdir(lock);
  await writeFile(join(lock, '.lock-0000000000000000'), '');
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(join(lock, '.lock-0000000000000000'), longAgo, longAgo);
  let inside = 0;
  let entered = 0;
  await Promise.all(
    Array.from({ length: 8 }, () =>
      withFolderLock(lock, async () => {
        expect(++inside).toBe(1);
        entered += 1;
        await readFile(new URL(import.meta.url));
        inside--;
      }),
    ),
  );
  expect(entered).toBe(8);
  expect(await readdir(lock)).toEqual([]);
});
