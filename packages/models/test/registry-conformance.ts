import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyVersion, openRegistry, type Registry, readPublicKeys, rollBack, signManifest } from '../src/index.ts';
import { aDraft, aFolder, anotherDraft } from './a-draft.ts';

/** A registry under test. */
export interface TestRegistry extends AsyncDisposable {
  readonly registry: Registry;
  /** Another opening of the same place, as a process of its own would have it: with a cache of its own. */
  another(options?: { readonly trusted?: ReturnType<typeof readPublicKeys> }): Promise<Registry>;
  /** Changes bytes of a stored file behind the registry's back. */
  damage(name: string, version: string, path: string): Promise<void>;
  /** Why the place cannot promise that of two who move an alias at once one is told so. */
  readonly noRaces?: string | undefined;
}

const withCode = (code: string, detail = '') =>
  expect.objectContaining({ code, detail: expect.stringContaining(detail) });
const textOf = (model: { graph: object }) => new TextDecoder().decode((model.graph as { bytes: Uint8Array }).bytes);

/** What every registry promises, wherever its versions lie. */
export function registryConformance(name: string, open: () => Promise<TestRegistry>): void {
  describe(`${name} keeps the promises of Registry`, () => {
    let place: TestRegistry;
    let registry: Registry;
    beforeEach(async () => {
      place = await open();
      registry = place.registry;
    });
    afterEach(() => place[Symbol.asyncDispose]());

    it('has nothing at first', async () => {
      expect(await registry.list()).toEqual([]);
      await expect(registry.resolve('birds')).rejects.toThrowError(withCode('MODEL_NOT_FOUND'));
      await expect(registry.load('birds:production')).rejects.toThrowError(withCode('MODEL_NOT_FOUND'));
      await expect(registry.load('birds@0123456789ab')).rejects.toThrowError(withCode('MODEL_NOT_FOUND'));
      expect(await registry.readAlias('birds', 'production')).toBeUndefined();
    });

    it('gives back what was published, to whoever asks', async () => {
      const { version, created } = await registry.publish('birds', aDraft(), { alias: 'production' });
      expect(created).toBe(true);
      for (const each of [registry, await place.another()]) {
        for (const reference of ['birds', 'birds:production', `birds@${version}`]) {
          const model = await each.load(reference);
          expect(model).toMatchObject({ name: 'birds', version, variant: 'fp32', labels: ['ant', 'bee', 'cat'] });
          expect(textOf(model)).toBe('graph');
        }
        expect(textOf(await each.load('birds', { variant: 'int8' }))).toBe('smaller graph');
        await expect(each.load('birds', { variant: 'fp8' })).rejects.toThrowError(withCode('MODEL_NOT_FOUND', 'fp8'));
        expect(await each.list()).toMatchObject([{ name: 'birds', aliases: { production: version }, damaged: [] }]);
        expect(await each.show('birds')).toMatchObject({ manifest: { version }, aliases: ['production'] });
        expect(await each.verify('birds')).toMatchObject({ intact: true });
      }
    });

    it('knows the same contents as the same version', async () => {
      const first = await registry.publish('birds', aDraft(undefined, 'one.onnx'));
      const again = await (await place.another()).publish('birds', aDraft(undefined, 'two.onnx'));
      expect(again).toMatchObject({ version: first.version, created: false, repaired: [] });
      expect((await registry.resolve('birds')).manifest.provenance.source).toBe('one.onnx');
    });

    it('takes the newest version for a bare name until there is a production', async () => {
      const one = await registry.publish('birds', anotherDraft());
      await new Promise((resolve) => setTimeout(resolve, 5));
      const two = await registry.publish('birds', anotherDraft());
      expect((await registry.resolve('birds')).manifest.version).toBe(two.version);
      await registry.alias('birds', 'production', one.version);
      expect((await registry.resolve('birds')).manifest.version).toBe(one.version);
    });

    it('says what was changed, loads none of it, and publishing again puts it right', async () => {
      const { version } = await registry.publish('birds', aDraft());
      await place.damage('birds', version, 'model.fp32.onnx');
      const fresh = await place.another();
      await expect(fresh.load('birds')).rejects.toThrowError(withCode('MODEL_CORRUPT', 'model.fp32.onnx'));
      expect((await fresh.load('birds', { variant: 'int8' })).variant).toBe('int8');
      const { intact, files } = await fresh.verify('birds');
      expect(intact).toBe(false);
      expect(files.filter(({ expected, found }) => expected !== found).map(({ path }) => path)).toEqual([
        'model.fp32.onnx',
      ]);
      expect(await registry.publish('birds', aDraft())).toMatchObject({
        created: false,
        repaired: ['model.fp32.onnx'],
      });
      expect(await (await place.another()).verify('birds')).toMatchObject({ intact: true });
    });

    it('moves an alias only from where it was expected, and keeps who moved it and why', async () => {
      const [one, two] = [
        await registry.publish('birds', anotherDraft()),
        await registry.publish('birds', anotherDraft()),
      ];
      await registry.alias('birds', 'production', one.version, { expect: null, by: 'ann', reason: 'first' });
      const late = registry.alias('birds', 'production', two.version, { expect: null });
      await expect(late).rejects.toThrowError(withCode('ALIAS_CONFLICT', one.version));
      await registry.alias('birds', 'production', two.version, { expect: one.version, by: 'bob', reason: 'better' });
      expect(await (await place.another()).readAlias('birds', 'production')).toMatchObject({
        version: two.version,
        history: [
          { what: 'moved', from: null, to: one.version, by: 'ann', reason: 'first' },
          { what: 'moved', from: one.version, to: two.version, by: 'bob', reason: 'better' },
        ],
      });
      const missing = registry.alias('birds', 'production', '0123456789ab');
      await expect(missing).rejects.toThrowError(withCode('MODEL_NOT_FOUND'));
    });

    it('of several who move an alias from the same version at once one succeeds', async ({ skip }) => {
      if (place.noRaces) skip(place.noRaces);
      const start = (await registry.publish('birds', anotherDraft(), { alias: 'production' })).version;
      const targets: string[] = [];
      for (let each = 0; each < 5; each++) targets.push((await registry.publish('birds', anotherDraft())).version);
      const movers = await Promise.all(targets.map(() => place.another()));
      const moves = await Promise.allSettled(
        movers.map((each, index) => each.alias('birds', 'production', targets[index] ?? '', { expect: start })),
      );
      const winners = targets.filter((_, index) => moves[index]?.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      for (const move of moves)
        if (move.status === 'rejected') expect(move.reason).toMatchObject({ code: 'ALIAS_CONFLICT' });
      expect((await registry.resolve('birds')).manifest.version).toBe(winners[0]);
    });

    it('goes back to what an alias named before, and further back, and never forward', async () => {
      const versions: string[] = [];
      for (let each = 0; each < 3; each++) {
        const { version } = await registry.publish('birds', anotherDraft());
        versions.push(version);
        await registry.alias('birds', 'production', version);
      }
      const named = async () => (await registry.resolve('birds:production')).manifest.version;
      await rollBack(registry, 'birds', 'production', { by: 'ann', reason: 'worse' });
      expect(await named()).toBe(versions[1]);
      await rollBack(registry, 'birds', 'production');
      expect(await named()).toBe(versions[0]);
      await expect(rollBack(registry, 'birds', 'production')).rejects.toThrowError(withCode('ALIAS_UNCHANGED'));
      await registry.alias('birds', 'production', versions[2] ?? '');
      await rollBack(registry, 'birds', 'production');
      expect(await named()).toBe(versions[0]);
    });

    it('removes a version that no alias names, else only by force', async () => {
      const [one, two] = [
        await registry.publish('birds', anotherDraft()),
        await registry.publish('birds', anotherDraft()),
      ];
      await registry.alias('birds', 'production', two.version);
      await registry.remove(`birds@${one.version}`);
      await expect(registry.remove('birds')).rejects.toThrowError(withCode('MODEL_IN_USE'));
      expect(await registry.remove('birds', { force: true })).toMatchObject({ aliases: ['production'] });
      expect(await (await place.another()).list()).toEqual([]);
      expect(await registry.readAlias('birds', 'production')).toBeUndefined();
      await registry.publish('birds', aDraft(), { alias: 'production' });
      expect(await registry.list()).toHaveLength(1);
    });

    it('hands a version over to another registry and back, as it is', async () => {
      const { version } = await registry.publish('birds', aDraft());
      const other = openRegistry({ folder: await aFolder(), builtIn: [] });
      expect(await copyVersion(registry, other, 'birds', { alias: 'production' })).toMatchObject({
        version,
        created: true,
      });
      const [here, there] = await Promise.all([registry.resolve('birds'), other.resolve('birds')]);
      expect(there.manifest).toEqual(here.manifest);
      await registry.remove(`birds@${version}`);
      expect(await copyVersion(other, registry, 'birds')).toMatchObject({ version, created: true });
      expect(await copyVersion(other, registry, 'birds')).toMatchObject({ created: false, repaired: [] });
      expect((await (await place.another()).load('birds')).labels).toEqual(['ant', 'bee', 'cat']);
    });

    it('takes nothing over whose bytes are others than its manifest says', async () => {
      const other = openRegistry({ folder: await aFolder(), builtIn: [] });
      await other.publish('birds', aDraft());
      const contents = await other.open('birds');
      const changed = {
        ...contents,
        read: async function* () {
          yield new TextEncoder().encode('grapH');
        },
      };
      await expect(registry.accept(changed)).rejects.toThrowError(withCode('MODEL_CORRUPT'));
      expect(await registry.list()).toEqual([]);
    });

    it('loads only what a trusted key has signed, where that is asked for', async () => {
      const [ours, theirs] = [aKey(), aKey()];
      const { version } = await registry.publish('birds', aDraft(), { alias: 'production' });
      const careful = await place.another({ trusted: readPublicKeys(ours.public) });
      await expect(careful.load('birds')).rejects.toThrowError(withCode('SIGNATURE_INVALID', 'not signed'));
      const { manifest } = await registry.resolve('birds');
      await registry.addSignature('birds', signManifest(manifest, theirs.private));
      await expect(careful.load('birds')).rejects.toThrowError(withCode('SIGNATURE_INVALID', 'signed by'));
      const other = { ...manifest, createdAt: '2000-01-01T00:00:00.000Z' };
      await registry.addSignature('birds', signManifest(other, ours.private));
      await expect(careful.load('birds')).rejects.toThrowError(withCode('SIGNATURE_INVALID', 'not the one'));
      await registry.addSignature(`birds@${version}`, signManifest(manifest, ours.private));
      expect(await registry.signatures('birds')).toHaveLength(2);
      expect((await careful.load('birds')).version).toBe(version);
    });
  });
}

const aKey = () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    public: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    private: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
};
