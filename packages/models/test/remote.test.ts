import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, type ModelFile, RookeryError } from '@rookery/contracts';
import { FsStore } from '@rookery/storage';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  diffVersions,
  findGarbage,
  openRegistry,
  openRegistryAt,
  type Registry,
  removeGarbage,
  rollBack,
} from '../src/index.ts';
import { downloadFile } from '../src/remote/download-file.ts';
import { ModelCache } from '../src/remote/model-cache.ts';
import { aDraft, aFolder, anotherDraft } from './a-draft.ts';
import { registryConformance } from './registry-conformance.ts';

/** The adapter of stores of objects, on the store that needs no server; the services tests have it on S3. */
async function aRemote(cacheBytes = 1e9, store?: string) {
  const folder = store ?? (await aFolder());
  const cacheFolder = await aFolder();
  const open = (more = {}) =>
    openRegistryAt('s3://bucket/models', {
      cacheFolder,
      cacheBytes,
      openStore: async () => new FsStore(folder),
      openWandb: async () => ({ baseUrl: 'http://127.0.0.1:9', apiKey: undefined }),
      builtIn: [],
      ...more,
    });
  return { folder, cacheFolder, versions: join(cacheFolder, 'versions'), open };
}

registryConformance('a store of objects', async () => {
  const first = await aRemote();
  return {
    registry: first.open(),
    another: async (options) => (await aRemote(1e9, first.folder)).open(options),
    damage: (name, version, path) => writeFile(join(first.folder, name, version, path), 'GRAPH'),
    [Symbol.asyncDispose]: async () => {},
  };
});

const withCode = (code: string, detail = '') =>
  expect.objectContaining({ code, detail: expect.stringContaining(detail) });

describe('the cache of a registry elsewhere', () => {
  it('downloads once, whoever asks at the same time, and nothing that is not used', async () => {
    const { folder, versions, open } = await aRemote();
    const { version } = await open().publish('birds', anotherDraft());
    let reads = 0;
    const counting = () => {
      const store = new FsStore(folder);
      const read = store.read.bind(store);
      store.read = (...args) => {
        reads += 1;
        return read(...args);
      };
      return open({ openStore: async () => store });
    };
    await Promise.all([counting(), counting(), counting(), counting()].map((each) => each.load('birds')));
    // The graph and the labels.
    expect(reads).toBe(2);
    expect((await readdir(join(versions, 'birds', version))).filter((name) => !name.startsWith('.')).sort()).toEqual([
      'labels.txt',
      'model.fp32.onnx',
    ]);
  });

  it('keeps to its size: the least recently used version leaves, the one in use stays', async () => {
    const { versions, open } = await aRemote(2_500);
    const registry = open();
    const names: string[] = [];
    for (let each = 0; each < 3; each++) names.push((await registry.publish('birds', anotherDraft(1_000))).version);
    for (const version of names.slice(0, 2)) await registry.load(`birds@${version}`);
    const used = (version: string, minutesAgo: number) => {
      const then = new Date(Date.now() - minutesAgo * 60_000);
      return utimes(join(versions, 'birds', version, '.used'), then, then);
    };
    await used(names[0] ?? '', 5);
    await used(names[1] ?? '', 10);
    await registry.load(`birds@${names[2]}`);
    expect((await readdir(join(versions, 'birds'))).sort()).toEqual([names[0], names[2]].sort());
    expect((await registry.load(`birds@${names[1]}`)).version).toBe(names[1]);
  });

  it('keeps a version that is being downloaded, however long that takes', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const { open, folder } = await aRemote();
      await open().publish('birds', aDraft());
      const { manifest } = await open().resolve('birds');
      const cache = new ModelCache({ folder: await aFolder(), maxBytes: 1e9 });
      let goOn = (): void => {};
      const asked = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      const slow = async function* (file: ModelFile, start: number) {
        await asked;
        yield (await readFile(join(folder, 'birds', manifest.version, file.path))).subarray(start);
      };
      const ensured = cache.ensure(manifest, manifest.files, slow);
      const used = join(cache.options.folder, 'birds', manifest.version, '.used');
      await expect.poll(() => stat(used).catch(() => undefined)).toBeDefined();
      await utimes(used, new Date(0), new Date(0));
      // The lock is waited for by real time; the version is held by the timer alone.
      await expect
        .poll(async () => {
          vi.advanceTimersByTime(20_000);
          return (await stat(used)).mtimeMs;
        })
        .toBeGreaterThan(0);
      goOn();
      await ensured;
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('notices what was changed in it, and fetches that again', async () => {
    const { versions, open } = await aRemote();
    const { version } = await open().publish('birds', aDraft());
    await open().load('birds');
    await writeFile(join(versions, 'birds', version, 'model.fp32.onnx'), 'GRAPH');
    const { graph } = await open().load('birds');
    expect(new TextDecoder().decode('bytes' in graph ? graph.bytes : undefined)).toBe('graph');
  });
});

describe('a download', () => {
  const whole = Buffer.from('0123456789'.repeat(1_000));
  const file: ModelFile = {
    path: 'model.onnx',
    sizeBytes: whole.length,
    digest: digestOf(whole),
  };
  let folder: string;
  beforeEach(async () => {
    folder = await aFolder();
  });
  const breaking = (starts: number[], afterBytes: number) =>
    async function* (_file: ModelFile, start: number) {
      starts.push(start);
      yield whole.subarray(start, start + afterBytes);
      if (start + afterBytes < whole.length) throw new RookeryError('STORE_UNAVAILABLE', { detail: 'cut' });
    };

  it('goes on from where it broke, also in another process', async () => {
    const starts: number[] = [];
    await writeFile(join(folder, 'model.onnx.part'), whole.subarray(0, 1_000));
    await downloadFile(folder, file, breaking(starts, 4_500));
    expect(starts).toEqual([1_000, 5_500]);
    expect(await readFile(join(folder, 'model.onnx'))).toEqual(whole);
    expect(await readdir(folder)).toEqual(['model.onnx']);
  });

  it('begins anew where what was there is of something else', async () => {
    await writeFile(join(folder, 'model.onnx.part'), 'something else');
    await downloadFile(folder, file, breaking([], whole.length));
    expect(await readFile(join(folder, 'model.onnx'))).toEqual(whole);
  });

  it('of other bytes is refused and leaves nothing', async () => {
    const other = async function* () {
      yield Buffer.alloc(whole.length);
    };
    await mkdir(folder, { recursive: true });
    await expect(downloadFile(folder, file, other)).rejects.toThrowError(withCode('MODEL_CORRUPT'));
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('versions', () => {
  let registry: Registry;
  beforeEach(async () => {
    registry = openRegistry({ folder: await aFolder(), builtIn: [] });
  });

  it('differ in what their manifests and labels say', async () => {
    const draft = aDraft();
    const other = {
      manifest: {
        ...draft.manifest,
        metrics: { top1: 0.9 },
        preprocessing: { ...draft.manifest.preprocessing, width: 192 },
      },
      files: new Map([...draft.files, ['labels.txt', new TextEncoder().encode('ant\nbee\ndog\n')] as const]),
    };
    const [one, two] = [await registry.publish('birds', draft), await registry.publish('birds', other)];
    const at = (version: string) => ({ registry, reference: `birds@${version}` });
    const found = await diffVersions(at(one.version), at(two.version));
    expect(found.map(({ section, what, from, to }) => [section, what, from, to])).toEqual(
      expect.arrayContaining([
        ['preprocessing', 'width', 224, 192],
        ['labels', '2', 'cat', 'dog'],
        ['metrics', 'top1', undefined, 0.9],
      ]),
    );
    expect(found.filter(({ section }) => section === 'files').map(({ what }) => what)).toEqual(['labels.txt']);
    expect(await diffVersions(at(one.version), at(one.version))).toEqual([]);
  });

  it('that nothing refers to are collected, once they are old; what a rollback needs stays', async () => {
    const versions: string[] = [];
    for (let each = 0; each < 4; each++) versions.push((await registry.publish('birds', anotherDraft())).version);
    const [lonely = '', before = '', named = '', candidate = ''] = versions;
    await registry.alias('birds', 'production', before);
    await registry.alias('birds', 'production', named);
    await registry.alias('birds', 'candidate', candidate);
    expect(await findGarbage(registry, 60_000)).toEqual([]);
    const found = await findGarbage(registry, -1);
    expect(found).toMatchObject([{ version: lonely }]);
    expect(await removeGarbage(registry, found)).toEqual(found);
    expect((await registry.list())[0]?.versions).toHaveLength(3);
    await rollBack(registry, 'birds', 'production');
    expect((await registry.resolve('birds')).manifest.version).toBe(before);
  });

  it('that an alias has come to name since they were found are left alone', async () => {
    const { version } = await registry.publish('birds', anotherDraft());
    await registry.alias('birds', 'production', (await registry.publish('birds', anotherDraft())).version);
    const found = await findGarbage(registry, -1);
    expect(found).toMatchObject([{ version }]);
    await registry.alias('birds', 'candidate', version);
    expect(await removeGarbage(registry, found)).toEqual([]);
    expect((await registry.resolve('birds:candidate')).manifest.version).toBe(version);
  });
});
