import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolders } from '../src/index.ts';

describe('making folders', () => {
  let base: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'rookery-folders-'));
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  it('says which was the first that was not there', async () => {
    expect(await makeFolders(join(base, 'a', 'b', 'c'))).toBe(join(base, 'a'));
    expect(await makeFolders(join(base, 'a', 'b', 'd'))).toBe(join(base, 'a', 'b', 'd'));
    expect(await makeFolders(join(base, 'a', 'b', 'c'))).toBeUndefined();
  });

  it('is done by any number at once', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, n) => makeFolders(join(base, 'a', 'b', String(n % 3)))));
    expect((await stat(join(base, 'a', 'b', '2'))).isDirectory()).toBe(true);
  });

  it('throws what the system says of a file in the way', async () => {
    await writeFile(join(base, 'file'), '');
    await expect(makeFolders(join(base, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolders(join(base, 'file', 'a', 'b'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  // Node's own tries for ever there, in a thread that keeps the process from ending.
  it.skipIf(process.platform !== 'linux')('ends where the system makes no folder in one that is there', async () => {
    for (const path of ['/proc/rookery', '/proc/rookery/a/b'])
      await expect(makeFolders(path)).rejects.toMatchObject({
        code: 'STORE_DENIED',
        detail: '/proc/rookery: no folder can be made here',
      });
  });
});
