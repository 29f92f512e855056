import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { openRegistry, type Registry } from '../src/index.ts';
import { manifestOf } from '../src/version/version-of.ts';
import { aDraft, aFolder, anotherDraft } from './a-draft.ts';

let folder: string;
let registry: Registry;
beforeEach(async () => {
  folder = join(await aFolder(), 'models');
  registry = openRegistry({ folder, builtIn: [] });
});

const withCode = (code: string, detail = '') =>
  expect.objectContaining({ code, detail: expect.stringContaining(detail) });
const afterAMoment = () => new Promise((resolve) => setTimeout(resolve, 5));

/** A folder as the starter ships. */
async function aBuiltIn(name = 'content'): Promise<string> {
  const builtIn = await aFolder();
  const draft = aDraft(undefined, 'starter');
  for (const [path, bytes] of draft.files) {
    await mkdir(join(builtIn, path, '..'), { recursive: true });
    await writeFile(join(builtIn, path), bytes);
  }
  await writeFile(join(builtIn, 'manifest.json'), JSON.stringify(manifestOf(name, draft, new Date(0))));
  return builtIn;
}

describe('a reference means', () => {
  it('the alias production where there is one, else the newest version', async () => {
    const first = await registry.publish('birds', anotherDraft());
    await afterAMoment();
    const second = await registry.publish('birds', anotherDraft());
    expect((await registry.resolve('birds')).manifest.version).toBe(second.version);
    await registry.alias('birds', 'production', first.version);
    expect((await registry.resolve('birds')).manifest.version).toBe(first.version);
    expect((await registry.resolve(`birds@${second.version}`)).manifest.version).toBe(second.version);
    expect((await registry.resolve('birds:production')).folder).toBe(join(folder, 'birds', first.version));
  });

  it('a folder with a manifest, as path or address', async () => {
    const { version } = await registry.publish('birds', aDraft());
    const path = join(folder, 'birds', version);
    const other = openRegistry({ folder: join(folder, 'elsewhere'), builtIn: [] });
    for (const reference of [path, pathToFileURL(path).href, join(path, 'manifest.json')])
      expect((await other.resolve(reference)).manifest.version, reference).toBe(version);
  });

  it('nothing where it names nothing, and says what there is', async () => {
    await expect(registry.resolve('birds')).rejects.toThrowError(
      withCode('MODEL_NOT_FOUND', 'nothing is called birds'),
    );
    const { version } = await registry.publish('birds', aDraft(), { alias: 'candidate' });
    await expect(registry.resolve('birds@0000')).rejects.toThrowError(withCode('MODEL_NOT_FOUND', `@${version}`));
    await expect(registry.resolve('birds:other')).rejects.toThrowError(withCode('MODEL_NOT_FOUND', ':candidate'));
    await expect(registry.resolve(join(folder, 'nothing'))).rejects.toThrowError(withCode('MODEL_NOT_FOUND'));
    await expect(registry.resolve(folder)).rejects.toThrowError(withCode('MODEL_NOT_FOUND', 'manifest.json'));
  });

  it('nothing yet where it points to other places', async () => {
    for (const reference of ['wandb://e/p/a:v1', 's3://bucket/models/birds'])
      await expect(registry.resolve(reference)).rejects.toThrowError(withCode('REFERENCE_INVALID', 'in this build'));
  });

  it('no model file: that is for an importer', async () => {
    const path = join(await aFolder(), 'model.onnx');
    await writeFile(path, 'x');
    await expect(registry.resolve(path)).rejects.toThrowError(withCode('REFERENCE_INVALID', 'import it'));
  });
});

describe('the starter', () => {
  it('is there without having been added, and cannot be removed', async () => {
    const shipped = openRegistry({ folder, builtIn: [await aBuiltIn()] });
    expect(await shipped.list()).toMatchObject([{ name: 'content', versions: [{ builtIn: true }] }]);
    expect((await shipped.load('content')).labels).toEqual(['ant', 'bee', 'cat']);
    await expect(shipped.remove('content')).rejects.toThrowError(withCode('MODEL_IN_USE', 'ships with Rookery'));
  });

  it('gives way to versions that were added under its name, and to an alias', async () => {
    const shipped = openRegistry({ folder, builtIn: [await aBuiltIn()] });
    const builtIn = (await shipped.resolve('content')).manifest.version;
    const added = await shipped.publish('content', anotherDraft());
    expect((await shipped.resolve('content')).manifest.version).toBe(added.version);
    expect((await shipped.list())[0]?.versions.map(({ manifest }) => manifest.version)).toEqual([
      added.version,
      builtIn,
    ]);
    await shipped.alias('content', 'production', builtIn);
    expect((await shipped.show('content')).aliases).toEqual(['production']);
    expect((await shipped.resolve('content')).builtIn).toBe(true);
    await shipped.remove(`content@${added.version}`);
    expect((await shipped.resolve('content')).builtIn).toBe(true);
  });

  it('that was not built is simply not there', async () => {
    const bare = openRegistry({ folder, builtIn: [join(folder, 'nothing')] });
    expect(await bare.list()).toEqual([]);
    await expect(bare.resolve('content')).rejects.toThrowError(withCode('MODEL_NOT_FOUND'));
  });
});

it('what is no model in the folder does not disturb', async () => {
  const { version } = await registry.publish('birds', aDraft());
  await writeFile(join(folder, 'README.md'), 'x');
  await mkdir(join(folder, 'Not a name'));
  await mkdir(join(folder, 'empty'));
  await copyFile(join(folder, 'README.md'), join(folder, 'birds', 'notes'));
  expect((await registry.list()).map(({ name, versions }) => [name, versions.length])).toEqual([['birds', 1]]);
  expect((await registry.resolve('birds')).manifest.version).toBe(version);
});
