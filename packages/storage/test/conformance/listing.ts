import { describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../src/index.ts';
import { keysOf } from './helpers.ts';

export function listing(store: () => ObjectStore): void {
  describe('list', () => {
    const sorted = (keys: string[]) => [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const tree = ['a', 'a-b', 'a.b/c', 'a0', 'ab/c', 'b/a/deep/er', 'b/a-deep', 'b/z', 'b-', 'c/a', 'c/b', 'd', 'Z'];

    it('gives all keys in the order of their bytes, folders and objects alike', async () => {
      await Promise.all(tree.map((key) => store().put(key, key)));
      expect(await keysOf(store(), '')).toEqual(sorted(tree));
    });

    it('gives what begins with the prefix, whether it ends at a part or inside one', async () => {
      await Promise.all(tree.map((key) => store().put(key, key)));
      for (const prefix of ['b', 'b/', 'b/a', 'b/a/', 'b/a/deep', 'c/b', 'c/b/', 'x', 'b/x/y', 'a.b', 'a.b/c']) {
        expect(await keysOf(store(), prefix), prefix).toEqual(sorted(tree.filter((key) => key.startsWith(prefix))));
      }
    });

    it('goes on after any key, whether it is there or not', async () => {
      await Promise.all(tree.map((key) => store().put(key, key)));
      const afters = [...tree, 'a/', 'a,', 'b', 'b/', 'b/a', 'b/a/', 'b/a/deep', 'b/zz', 'bb', 'zzz', '0', 'é'];
      for (const startAfter of afters) {
        const expected = sorted(tree).filter((key) => Buffer.compare(Buffer.from(key), Buffer.from(startAfter)) > 0);
        expect(await keysOf(store(), '', { startAfter }), startAfter).toEqual(expected);
        const below = expected.filter((key) => key.startsWith('b/'));
        expect(await keysOf(store(), 'b/', { startAfter }), startAfter).toEqual(below);
      }
    });

    it('cuts into pages of at most the wanted size, without loss or doubles', async () => {
      const keys = Array.from({ length: 25 }, (_, i) => `page/${String(i).padStart(3, '0')}`);
      await Promise.all(keys.map((key) => store().put(key, key)));
      const pages: number[] = [];
      const seen: string[] = [];
      for await (const page of store().list('page/', { pageSize: 10 })) {
        pages.push(page.length);
        seen.push(...page.map(({ key }) => key));
      }
      expect(seen).toEqual(keys);
      expect(Math.max(...pages)).toBeLessThanOrEqual(10);
    });

    it('gives over a thousand objects', async () => {
      const keys = Array.from({ length: 1_203 }, (_, i) => `many/${String(i).padStart(4, '0')}`);
      for (let i = 0; i < keys.length; i += 50)
        await Promise.all(keys.slice(i, i + 50).map((key) => store().put(key, '')));
      expect(await keysOf(store(), 'many/')).toEqual(keys);
    });

    it('gives nothing of an empty store and of prefixes that lead nowhere', async () => {
      for (const prefix of ['', 'nothing', 'nothing/', '../', '/', 'a//'])
        expect(await keysOf(store(), prefix)).toEqual([]);
    });

    it('can be left in the middle', async () => {
      await Promise.all(tree.map((key) => store().put(key, key)));
      for await (const page of store().list('', { pageSize: 2 })) {
        expect(page.length).toBeGreaterThan(0);
        break;
      }
    });
  });
}
