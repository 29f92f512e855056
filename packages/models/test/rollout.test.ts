import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RookeryError } from '@rookery/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { promoted, rolledBack } from '../src/alias/change-rollout.ts';
import { beside, cleared, openRegistry, type Registry } from '../src/index.ts';
import { aFolder, anotherDraft } from './a-draft.ts';

let folder: string;
let registry: Registry;
let one: string;
let two: string;
beforeEach(async () => {
  folder = join(await aFolder(), 'models');
  registry = openRegistry({ folder, builtIn: [] });
  one = (await registry.publish('birds', anotherDraft(), { alias: 'production' })).version;
  two = (await registry.publish('birds', anotherDraft())).version;
});

const withCode = (code: string) => expect.objectContaining({ code });
const canary = (share: number) =>
  registry.changeAlias('birds', 'production', (now) => now && beside(now, 'canary', { version: two, share }));

describe('a canary in the registry', () => {
  it('stands beside the version that a reference means, which stays what it was', async () => {
    expect(await registry.rollout('birds')).toEqual({ name: 'birds', alias: 'production', version: one });
    await canary(0.1);
    expect(await registry.rollout('birds')).toMatchObject({ version: one, canary: { version: two, share: 0.1 } });
    expect((await registry.resolve('birds')).manifest.version).toBe(one);
    const [model] = await registry.list();
    expect(model?.aliases).toEqual({ production: one });
    expect(model?.targets.production?.canary).toEqual({ version: two, share: 0.1 });
    // Whoever names a version means it.
    expect(await registry.rollout(`birds@${one}`)).toEqual({ name: 'birds', version: one });
  });

  it('is promoted, with the reason in the history', async () => {
    await canary(0.1);
    await registry.changeAlias(
      'birds',
      'production',
      (now) => now && promoted(now, { by: 'ann', reason: 'it is good' }),
    );
    expect(await registry.readAlias('birds', 'production')).toMatchObject({
      version: two,
      history: [
        { what: 'canary', from: one, to: two },
        { what: 'promoted', from: one, to: two, by: 'ann', reason: 'it is good' },
      ],
    });
    expect((await registry.readAlias('birds', 'production'))?.canary).toBeUndefined();
  });

  it('is taken back, and the version before goes on', async () => {
    await canary(0.1);
    await registry.changeAlias('birds', 'production', (now) => now && rolledBack(now, { reason: 'too many errors' }));
    const record = await registry.readAlias('birds', 'production');
    expect(record).toMatchObject({ version: one, history: [{}, { what: 'rolled-back', from: two, to: one }] });
    expect(record?.canary).toBeUndefined();
    expect(record && cleared(record)).toBeUndefined();
    expect(() => record && rolledBack(record)).toThrowError(withCode('ALIAS_UNCHANGED'));
  });

  it('goes when the alias is moved', async () => {
    await canary(0.5);
    await registry.alias('birds', 'production', one);
    expect(await registry.rollout('birds')).toEqual({ name: 'birds', alias: 'production', version: one });
  });

  it('cannot be the version that answers already, nor one that is not there', async () => {
    await expect(
      registry.changeAlias('birds', 'production', (now) => now && beside(now, 'canary', { version: one, share: 0.1 })),
    ).rejects.toThrowError(withCode('ALIAS_UNCHANGED'));
    await expect(
      registry.changeAlias('birds', 'production', (now) => now && beside(now, 'shadow', { version: 'gone', share: 1 })),
    ).rejects.toThrowError(withCode('MODEL_NOT_FOUND'));
    expect(await readFile(join(folder, 'birds/aliases/production'), 'utf8')).toBe(`${one}\n`);
  });

  it('keeps its version from being removed', async () => {
    await canary(0.1);
    await expect(registry.remove(`birds@${two}`)).rejects.toThrowError(withCode('MODEL_IN_USE'));
  });

  it('loses nothing where twenty change it at once', async () => {
    await canary(0.5);
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        registry.changeAlias(
          'birds',
          'production',
          (now) => now && beside(now, 'canary', { version: two, share: 0.5 }, { reason: String(index) }),
        ),
      ),
    );
    const reasons = (await registry.readAlias('birds', 'production'))?.history?.map(({ reason }) => reason);
    expect(new Set(reasons).size).toBe(21);
  });
});

it('a damaged alias is said to be damaged', async () => {
  await writeFile(join(folder, 'birds/aliases/production'), `{"version":"${one}"`);
  const failure = await registry.rollout('birds').catch((thrown: unknown) => thrown);
  expect(failure instanceof RookeryError && failure.code).toBe('MODEL_CORRUPT');
});
