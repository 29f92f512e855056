import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { versionFor } from '@rookery/contracts';
import { expect, it } from 'vitest';
import { beside, meantFor, openRegistry } from '../src/index.ts';

it('a key, such as the id of a job, means one version of an alias with a canary; other references mean what they say', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rookery-meant-'));
  try {
    const registry = openRegistry({ folder });
    const { version } = (await registry.resolve('content')).manifest;
    const canary = { version: '0123456789ab', share: 0.5 };
    const rollout = async () => ({ name: 'content', alias: 'production', version, canary });
    const meant = (key: string, reference = 'content') => meantFor({ rollout }, reference, key);
    const keys = Array.from({ length: 50 }, (_, i) => `job-${i}`);
    const all = await Promise.all(keys.map((key) => meant(key)));
    expect(all).toEqual(keys.map((key) => `content@${versionFor(key, { version, canary })}`));
    expect(new Set(all).size).toBe(2);
    expect(await meant('job-1', `content@${version}`)).toBe(`content@${version}`);
    expect(await meantFor(registry, 'content', 'job-1')).toBe('content');
    expect(() => beside({ version }, 'canary', { version, share: 1 })).toThrow('cannot be its own');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
