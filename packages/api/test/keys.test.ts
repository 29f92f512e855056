import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@rookery/telemetry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKey, readKeys, revokeKey } from '../src/auth/key-file.ts';
import { keysFromText, openKeyFile } from '../src/auth/open-key-file.ts';

describe('the file of keys', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rookery-keys-'));
    path = join(folder, 'deeper', 'keys.json');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('never holds a key, and is read by its owner alone', async () => {
    const { text, record } = await createKey(path, { name: 'page', scopes: ['classify', 'jobs', 'classify'] });
    expect(text).toMatch(/^rk_[a-z0-9]{10}_[\w-]{43}$/);
    const written = await readFile(path, 'utf8');
    expect(written).not.toContain(text.split('_').slice(2).join('_'));
    expect(written).toContain(record.hash);
    expect(record.scopes).toEqual(['classify', 'jobs']);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('may be given as its content, where no file can be put', async () => {
    const { text, record } = await createKey(path, { name: 'page', scopes: ['classify'] });
    const other = await createKey(path, { name: 'gone', scopes: ['admin'] });
    await revokeKey(path, 'gone');
    using keys = keysFromText(await readFile(path, 'utf8'));
    expect(keys.count).toBe(1);
    expect(keys.find(text)).toEqual({ id: record.id, name: 'page', scopes: ['classify'] });
    expect(keys.find(other.text)).toBeUndefined();
    expect(() => keysFromText('no keys')).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  it('finds a key by its whole text, and only that', async () => {
    const { text, record } = await createKey(path, { name: 'page', scopes: ['classify'] });
    const other = await createKey(path, { name: 'other', scopes: ['admin'] });
    using keys = await openKeyFile(path, { log: silentLogger });
    expect(keys.count).toBe(2);
    expect(keys.find(text)).toEqual({ id: record.id, name: 'page', scopes: ['classify'] });
    const wrong = [
      '',
      record.id,
      record.hash,
      text.slice(0, -1),
      `${text}A`,
      text.toLowerCase(),
      `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`,
      text.replace(record.id, other.record.id),
      text.replace(record.id, 'aaaaaaaaaa'),
      '__proto__',
    ];
    for (const each of wrong) expect(keys.find(each)).toBeUndefined();
  });

  it('keeps a revoked key for the record and refuses it, without a restart', async () => {
    const { text, record } = await createKey(path, { name: 'page', scopes: ['classify'] });
    using keys = await openKeyFile(path, { pollMs: 3_600_000, log: silentLogger });
    expect(keys.find(text)).toBeDefined();
    await revokeKey(path, 'page');
    await keys.refresh();
    expect(keys.find(text)).toBeUndefined();
    expect(keys.get(record.id)).toBeUndefined();
    expect(keys.count).toBe(0);
    expect(await readKeys(path)).toMatchObject([{ id: record.id, revokedAt: expect.any(String) }]);
  });

  it('refuses a key whose time is over', async () => {
    const { text } = await createKey(path, { name: 'old', scopes: ['classify'], expiresAt: new Date(Date.now() - 1) });
    using keys = await openKeyFile(path, { log: silentLogger });
    expect(keys.find(text)).toBeUndefined();
  });

  it('revokes by name only where that means one key', async () => {
    await createKey(path, { name: 'page', scopes: ['classify'] });
    const second = await createKey(path, { name: 'page', scopes: ['classify'] });
    await expect(revokeKey(path, 'page')).rejects.toMatchObject({ code: 'USAGE' });
    await revokeKey(path, second.record.id);
    await revokeKey(path, 'page');
    await expect(revokeKey(path, 'page')).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('loses no key when several commands change it at the same time', async () => {
    const names = Array.from({ length: 12 }, (_, at) => `key ${at}`);
    await Promise.all(names.map((name) => createKey(path, { name, scopes: ['classify'] })));
    expect((await readKeys(path)).map(({ name }) => name).sort()).toEqual([...names].sort());
  });

  it('goes on with the keys before when the file is damaged, and says what is wrong with it at start', async () => {
    const { text } = await createKey(path, { name: 'page', scopes: ['classify'] });
    using keys = await openKeyFile(path, { log: silentLogger });
    await writeFile(path, '{"v":1,"keys":[{}]}');
    await keys.refresh();
    expect(keys.find(text)).toBeDefined();
    await expect(openKeyFile(path, { log: silentLogger })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
