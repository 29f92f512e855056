import { describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../src/index.ts';
import { code, keysOf, pieces, text } from './helpers.ts';

export function keys(store: () => ObjectStore): void {
  describe('keys', () => {
    const odd = [
      'with space.jpg',
      'plus+plus.jpg',
      'per%20cent%.jpg',
      'question?&=#.jpg',
      `quote'"<>&.jpg`,
      'umlaut-ä-é-Ω-鳥.jpg',
      'astral-🐦.jpg',
      'private-\u{e000}-use.jpg',
      'folder.with.dots/...jpg',
      '.hidden/.file',
      'back~tick`^{}[]|.jpg',
      `long/${'x'.repeat(200)}.jpg`,
    ];

    it.each(odd)('may be %s', async (key) => {
      await store().put(key, key);
      expect(text((await store().get(key)).body)).toBe(key);
      expect(await store().head(key)).toMatchObject({ key });
      expect(await keysOf(store(), '')).toEqual([key]);
      expect(await keysOf(store(), key)).toEqual([key]);
      expect(await keysOf(store(), '', { startAfter: key })).toEqual([]);
      await store().delete([key]);
      expect(await store().head(key)).toBeUndefined();
      // As one of several, too: in a batch it is written in XML.
      await store().put(key, key);
      await store().put('plain', key);
      await store().delete([key, 'plain']);
      expect(await keysOf(store(), '')).toEqual([]);
    });

    it('sort by their bytes also where UTF-16 sorts otherwise', async () => {
      const keys = ['~', 'é', '\u{e000}', '\u{ffee}', '🐦'];
      await Promise.all(keys.map((key) => store().put(key, '')));
      expect(await keysOf(store(), '')).toEqual(keys);
      expect(await keysOf(store(), '', { startAfter: '\u{ffee}' })).toEqual(['🐦']);
    });

    it.each([
      ['nothing', ''],
      ['NUL', 'a\0b'],
      ['half a surrogate pair', 'a\ud800b'],
      ['over 1,024 bytes', 'é'.repeat(600)],
    ])('may not be %s', async (_, key) => {
      const invalid = code('KEY_INVALID');
      await expect(store().get(key)).rejects.toEqual(invalid);
      await expect(store().read(key)).rejects.toEqual(invalid);
      await expect(store().put(key, '')).rejects.toEqual(invalid);
      await expect(store().write(key, pieces(''))).rejects.toEqual(invalid);
      await expect(store().head(key)).rejects.toEqual(invalid);
      await expect(store().delete([key])).rejects.toEqual(invalid);
      await expect(store().presign('GET', key, { expiresMs: 1000 })).rejects.toEqual(invalid);
      await expect(store().tag(key, {})).rejects.toEqual(invalid);
    });
  });
}
