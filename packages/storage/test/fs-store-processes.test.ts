import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FsStore, type ObjectStore } from '../src/index.ts';

const helper = new URL('put-in-a-process.mjs', import.meta.url);

async function keysOf(store: ObjectStore, prefix = '', startAfter?: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of store.list(prefix, { startAfter })) keys.push(...page.map(({ key }) => key));
  return keys;
}

describe('a folder that many processes write into', () => {
  let folder: string;
  let outside: string;
  let store: FsStore;
  beforeEach(async () => {
    const base = await mkdtemp(join(tmpdir(), 'rookery-fs-'));
    [folder, outside] = [join(base, 'store'), join(base, 'outside')];
    await mkdir(folder);
    await mkdir(outside);
    await writeFile(join(outside, 'secret'), 'secret');
    store = new FsStore(folder);
  });
  afterEach(() => rm(join(folder, '..'), { recursive: true, force: true, maxRetries: 5 }));

  it('a process killed in the middle of its writes leaves whole objects only', async () => {
    for (let round = 0; round < 5; round++) {
      const child = fork(helper, ['endless', folder], { stdio: 'ignore' });
      await once(child, 'message');
      await sleep(20 + round * 15);
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    let seen = 0;
    for await (const page of store.list('')) {
      for (const { key } of page) {
        const { body } = await store.get(key);
        expect(body.length).toBe(1_000_000);
        expect(body.every((byte) => byte === body[0])).toBe(true);
        seen++;
      }
    }
    expect(seen).toBeGreaterThan(0);
  });

  it('what a process that died was writing is not listed, and swept a day later', async () => {
    const temporary = join(folder, '.rookery-tmp');
    await mkdir(temporary);
    await writeFile(join(temporary, '.rookery-tmp-old'), 'x');
    await writeFile(join(temporary, '.rookery-tmp-new'), 'x');
    const twoDaysAgo = new Date(Date.now() - 48 * 3600_000);
    await utimes(join(temporary, '.rookery-tmp-old'), twoDaysAgo, twoDaysAgo);
    await store.put('a', 'x');
    expect(await readdir(temporary)).toEqual(['.rookery-tmp-new']);
    expect(await keysOf(store)).toEqual(['a']);
  });

  it('of twenty processes that put if absent exactly one wins, every time', async () => {
    const children = Array.from({ length: 20 }, () => fork(helper, ['race', folder], { stdio: 'ignore' }));
    await Promise.all(children.map((child) => once(child, 'message')));
    for (let round = 0; round < 10; round++) {
      const answers = children.map((child) => once(child, 'message'));
      for (const child of children) child.send(`raced/${round}`);
      const outcomes = (await Promise.all(answers)).map(([outcome]) => outcome);
      expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'exists')).toHaveLength(19);
    }
    for (const child of children) child.disconnect();
  });

  it('survives folders that others prune at the same moment', async () => {
    await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        for (let n = 0; n < 40; n++) {
          await store.put(`top/deep/er/${i}`, 'x', { ifAbsent: n % 2 === 0 });
          await store.delete([`top/deep/er/${i}`]);
        }
      }),
    );
    expect(await keysOf(store)).toEqual([]);
    // Empty folders went, except the one directly below the store's own.
    expect((await readdir(folder)).sort()).toEqual(['.rookery-tmp', 'top']);
    expect(await readdir(join(folder, 'top'))).toEqual([]);
  });

  it('a thousand objects at once do with the twenty file handles that are left', async () => {
    const child = fork(helper, ['many', folder], {
      stdio: 'ignore',
      execPath: '/bin/sh',
      execArgv: ['-c', `ulimit -n 256; exec "${process.execPath}" "$@"`, 'sh'],
    });
    const [outcome] = await once(child, 'message');
    expect(outcome).toBe(1_000);
    child.disconnect();
  });
});
