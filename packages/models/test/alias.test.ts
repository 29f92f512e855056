import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { openRegistry, type Registry } from '../src/index.ts';
import { aDraft, aFolder, anotherDraft } from './a-draft.ts';

let folder: string;
let registry: Registry;
beforeEach(async () => {
  folder = join(await aFolder(), 'models');
  registry = openRegistry({ folder, builtIn: [] });
});

const withCode = (code: string, detail = '') =>
  expect.objectContaining({ code, detail: expect.stringContaining(detail) });

describe('an alias', () => {
  it('names the version that it was last given', async () => {
    const [one, two] = [
      await registry.publish('birds', anotherDraft()),
      await registry.publish('birds', anotherDraft()),
    ];
    await registry.alias('birds', 'candidate', one.version);
    expect(await readFile(join(folder, 'birds/aliases/candidate'), 'utf8')).toBe(`${one.version}\n`);
    await registry.alias('birds', 'candidate', two.version, { by: 'ann' });
    // What it named before stays with it, for whoever wants to go back.
    expect(await registry.readAlias('birds', 'candidate')).toMatchObject({
      version: two.version,
      history: [{ what: 'moved', from: one.version, to: two.version, by: 'ann' }],
    });
    expect((await registry.list())[0]?.aliases).toEqual({ candidate: two.version });
    expect(await readdir(join(folder, 'birds/aliases'))).toEqual(['candidate']);
  });

  it('is moved only from where it was expected', async () => {
    const [one, two] = [
      await registry.publish('birds', anotherDraft()),
      await registry.publish('birds', anotherDraft()),
    ];
    await registry.alias('birds', 'production', one.version, { expect: null });
    await expect(registry.alias('birds', 'production', two.version, { expect: null })).rejects.toThrowError(
      withCode('ALIAS_CONFLICT', one.version),
    );
    await expect(registry.alias('birds', 'production', two.version, { expect: two.version })).rejects.toThrowError(
      withCode('ALIAS_CONFLICT'),
    );
    await registry.alias('birds', 'production', two.version, { expect: one.version });
    expect((await registry.resolve('birds')).manifest.version).toBe(two.version);
  });

  it('names nothing that is not there, and makes no folder for it', async () => {
    await expect(registry.alias('birds', 'production', '0123456789ab')).rejects.toThrowError(
      withCode('MODEL_NOT_FOUND'),
    );
    await expect(registry.alias('../x', 'production', '0123456789ab')).rejects.toThrowError(
      withCode('REFERENCE_INVALID'),
    );
    await registry.publish('birds', aDraft());
    await expect(registry.alias('birds', '../x', '0123456789ab')).rejects.toThrowError(withCode('REFERENCE_INVALID'));
    expect(await readdir(folder)).toEqual(['birds']);
  });
});

describe('removing', () => {
  it('takes one version and leaves the others', async () => {
    const [one, two] = [
      await registry.publish('birds', anotherDraft()),
      await registry.publish('birds', anotherDraft()),
    ];
    await expect(registry.remove('birds')).rejects.toThrowError(withCode('REFERENCE_INVALID', 'birds@'));
    expect(await registry.remove(`birds@${one.version}`)).toEqual({ name: 'birds', version: one.version, aliases: [] });
    expect((await registry.list())[0]?.versions.map(({ manifest }) => manifest.version)).toEqual([two.version]);
    await registry.remove('birds');
    expect(await registry.list()).toEqual([]);
  });

  it('refuses what an alias names, unless it is forced: then the alias goes too', async () => {
    const { version } = await registry.publish('birds', aDraft(), { alias: 'production' });
    for (const reference of ['birds', 'birds:production', `birds@${version}`])
      await expect(registry.remove(reference)).rejects.toThrowError(withCode('MODEL_IN_USE', 'birds:production'));
    expect(await registry.remove('birds:production', { force: true })).toMatchObject({ aliases: ['production'] });
    await expect(registry.resolve('birds:production')).rejects.toThrowError(withCode('MODEL_NOT_FOUND'));
  });

  it('refuses paths, and what is not there', async () => {
    const { version } = await registry.publish('birds', aDraft());
    await expect(registry.remove(join(folder, 'birds', version))).rejects.toThrowError(withCode('REFERENCE_INVALID'));
    await expect(registry.remove('birds@0000')).rejects.toThrowError(withCode('MODEL_NOT_FOUND'));
    await expect(registry.remove('cats')).rejects.toThrowError(withCode('MODEL_NOT_FOUND'));
  });
});
