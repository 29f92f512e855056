import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openClassifier } from '@rookery/inference';
import { openRegistry, type Registry } from '@rookery/models';
import { silentLogger } from '@rookery/telemetry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { publishVariation } from '../../models/test/a-variation.ts';
import { ModelHost } from '../src/serving/model-host.ts';
import { modelSource } from '../src/serving/model-source.ts';
import { aPhotograph, aService } from './a-service.ts';

const open = (model: Parameters<typeof openClassifier>[0]) =>
  openClassifier(model, { threads: 1, batch: 4, tuning: 'never' });

it('a model that cannot be read is listed with its reason, beside the others, and nobody learns where it lies', async () => {
  await using service = await aService();
  const { app, registry } = service;
  await mkdir(join(registry.folder, 'torn', 'aliases'), { recursive: true });
  await symlink('loop', join(registry.folder, 'loop'));
  await writeFile(join(registry.folder, 'torn', 'aliases', 'production'), '{');
  const { models } = (await app.inject('/v1/models')).json<{ models: { name: string; error?: object }[] }>();
  expect(models.map(({ name, error }) => [name, error])).toEqual([
    ['content', undefined],
    ['loop', { code: 'SOURCE_UNREADABLE', message: 'the source could not be read: /loop: ELOOP' }],
    [
      'torn',
      { code: 'MODEL_CORRUPT', message: expect.stringContaining(': /torn/aliases/production names no version') },
    ],
  ]);
  expect((await app.inject('/v1/models/loop')).json()).toMatchObject({ error: { code: 'SOURCE_UNREADABLE' } });
  expect((await app.inject({ method: 'POST', url: '/v2/repository/index' })).json()).toContainEqual({
    name: 'loop',
    version: '',
    state: 'UNAVAILABLE',
    reason: 'the source could not be read: /loop: ELOOP',
  });
});

describe('models that are swapped while they serve', () => {
  it('a moved alias takes over without a failed request, and the version before leaves', {
    timeout: 60_000,
  }, async () => {
    // However slow the machine is: nothing is to be turned away.
    await using service = await aService({ limits: { waitMs: 3_600_000 } });
    const { app, registry, models } = service;
    const first = await publishVariation(registry, 'birds', 'first');
    const second = await publishVariation(registry, 'birds', 'second');
    await registry.alias('birds', 'production', first);
    const photograph = await aPhotograph();
    const ask = () =>
      app.inject({
        method: 'POST',
        url: '/v1/classify?model=birds&top=1',
        headers: { 'content-type': 'image/jpeg' },
        payload: photograph,
      });
    expect((await ask()).json().images[0].predictions[0].label).toBe('first');

    let asking = true;
    const seen: string[] = [];
    const callers = Array.from({ length: 4 }, async () => {
      while (asking) {
        const answer = await ask();
        expect([answer.statusCode, answer.json().code]).toEqual([200, undefined]);
        const { model, images } = answer.json();
        expect(images).toMatchObject([{ predictions: [{}] }]);
        // The version that is named is the one that answered.
        expect(images[0].predictions[0].label).toBe(model.version === first ? 'first' : 'second');
        seen.push(model.version);
      }
    });
    const callersSee = async (version: string): Promise<void> => {
      while (seen.at(-1) !== version) await Promise.race([sleep(5), ...callers]);
    };
    await callersSee(first);
    for (const version of [second, first, second]) {
      const moved = await app.inject({
        method: 'POST',
        url: '/v1/models/birds/alias',
        payload: { alias: 'production', version },
      });
      expect(moved.statusCode).toBe(200);
      expect(moved.json()).toMatchObject({ name: 'birds', current: version, aliases: { production: version } });
      // Whoever asks after the answer is answered by the new one.
      expect((await ask()).json().model.version).toBe(version);
      await callersSee(version);
    }
    asking = false;
    await Promise.all(callers);
    expect(new Set(seen)).toEqual(new Set([first, second]));
    const warm = models.loaded().filter(({ resolved }) => resolved.name === 'birds');
    expect(warm.filter(({ users }) => users > 0)).toEqual([]);
  });

  it('an alias that is moved by somebody else is followed without a restart', async () => {
    await using service = await aService({}, { pollMs: 50 });
    const { registry, models } = service;
    const first = await publishVariation(registry, 'birds', 'first');
    const second = await publishVariation(registry, 'birds', 'second');
    await registry.alias('birds', 'production', first);
    const versionNow = async () => {
      using lease = await models.use('birds');
      return lease.hosted.resolved.version;
    };
    expect(await versionNow()).toBe(first);
    await openRegistry({ folder: registry.folder }).alias('birds', 'production', second);
    while ((await versionNow()) !== second) await sleep(20);
    while (models.loaded().some(({ resolved }) => resolved.version === first)) await sleep(20);
  }, 30_000);

  it('a version that cannot be loaded moves nothing', async () => {
    await using service = await aService();
    const { app, registry } = service;
    const first = await publishVariation(registry, 'birds', 'first');
    await registry.alias('birds', 'production', first);
    (await service.models.use('birds'))[Symbol.dispose]();
    const missing = await app.inject({
      method: 'POST',
      url: '/v1/models/birds/alias',
      payload: { alias: 'production', version: 'nowhere' },
    });
    expect([missing.statusCode, missing.json().code]).toEqual([404, 'MODEL_NOT_FOUND']);
    const unknown = await app.inject({
      method: 'POST',
      url: '/v1/models/nobody/alias',
      payload: { alias: 'canary', version: first },
    });
    expect(unknown.statusCode).toBe(404);
    expect(unknown.json().detail).toBe(`nobody@${first}: nothing is called nobody in the registry`);
    const conflict = await app.inject({
      method: 'POST',
      url: '/v1/models/birds/alias',
      payload: { alias: 'production', version: first, expect: null },
    });
    expect([conflict.statusCode, conflict.json().code]).toEqual([409, 'ALIAS_CONFLICT']);
    expect((await registry.resolve('birds')).manifest.version).toBe(first);
  }, 30_000);

  it('a version that cannot be loaded is tried again now and then, not at every look, and at once where somebody asks', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rookery-refused-'));
    const registry = openRegistry({ folder });
    const first = await publishVariation(registry, 'birds', 'first');
    const second = await publishVariation(registry, 'birds', 'second');
    await registry.alias('birds', 'production', first);
    const { folder: place, manifest } = await registry.resolve(`birds@${second}`);
    const graph = join(place, manifest.variants[manifest.defaultVariant]?.path ?? '');
    const bytes = await readFile(graph);
    await writeFile(graph, 'no graph any more');
    let warnings = 0;
    const log = { ...silentLogger, warn: () => void warnings++ };
    const source = modelSource({ registry, fixed: undefined, variant: undefined });
    await using models = new ModelHost({ source, open, defaultReference: 'birds', pollMs: 20, log });
    await models.start();
    await registry.alias('birds', 'production', second);
    await expect.poll(() => warnings).toBe(1);
    await writeFile(graph, bytes);
    await sleep(300);
    expect(warnings).toBe(1);
    const version = async () => {
      using lease = await models.use();
      return lease.hosted.resolved.version;
    };
    expect(await version()).toBe(first);
    await models.follow();
    expect(await version()).toBe(second);
    await rm(folder, { recursive: true });
  }, 30_000);

  it('are listed with what is warm, and loaded before somebody asks for them', async () => {
    await using service = await aService();
    const { app, registry } = service;
    const version = await publishVariation(registry, 'birds', 'first');
    const list = await app.inject('/v1/models');
    expect(
      list.json().models.map(({ name, isDefault }: { name: string; isDefault: boolean }) => [name, isDefault]),
    ).toEqual([
      ['birds', false],
      ['content', true],
    ]);
    const [birds, content] = list.json().models;
    expect(content.versions[0]).toMatchObject({
      builtIn: true,
      loaded: [{ state: 'warm', digest: expect.stringMatching(/^sha256:/) }],
    });
    expect(birds.versions[0]).toMatchObject({ version, classes: 5, loaded: [] });
    expect(birds.versions[0].sizeBytes).toBeGreaterThan(1_000_000);
    const loaded = await app.inject({ method: 'POST', url: '/v1/models/birds/load', payload: { version } });
    expect(loaded.json().versions[0].loaded).toMatchObject([{ state: 'warm', users: 0, answered: 0 }]);
    expect(list.body).not.toContain(service.folder);
  }, 30_000);
});

describe('the memory for models', () => {
  let folder: string;
  let registry: Registry;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rookery-host-'));
    registry = openRegistry({ folder });
    for (const name of ['a', 'b', 'c']) await publishVariation(registry, name, name);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const hostFor = async (models: number) => {
    const source = modelSource({ registry });
    const { graphBytes } = await source.resolve('a');
    return new ModelHost({
      source,
      open,
      defaultReference: 'content',
      budgetBytes: models * graphBytes + 1_000,
      log: silentLogger,
    });
  };
  const names = (host: ModelHost) => host.loaded().map(({ resolved }) => resolved.name);

  it('holds several beside each other; the least used one leaves for another', async () => {
    await using host = await hostFor(3);
    await host.start();
    for (const name of ['a', 'b', 'a']) (await host.use(name))[Symbol.dispose]();
    expect(names(host)).toEqual(['content', 'a', 'b']);
    (await host.use('c'))[Symbol.dispose]();
    expect(names(host)).toEqual(['content', 'a', 'c']);
    // It comes back when it is asked for.
    using lease = await host.use('b');
    expect(
      (await lease.classifier.classify(Uint8Array.from(await aPhotograph()), { top: 1 })).predictions[0]?.label,
    ).toBe('b');
    expect(names(host)).toEqual(['content', 'c', 'b']);
  }, 60_000);

  it('is never taken from one in use: another is refused until there is room', async () => {
    await using host = await hostFor(2);
    await host.start();
    const lease = await host.use('a');
    await expect(host.use('b')).rejects.toMatchObject({ code: 'OVERLOADED', retryAfterMs: expect.any(Number) });
    expect(
      (await lease.classifier.classify(Uint8Array.from(await aPhotograph()), { top: 1 })).predictions[0]?.label,
    ).toBe('a');
    lease[Symbol.dispose]();
    (await host.use('b'))[Symbol.dispose]();
    expect(names(host)).toEqual(['content', 'b']);
  }, 60_000);

  it('is used once, however many ask for the same model at the same time', async () => {
    let opened = 0;
    await using host = new ModelHost({
      source: modelSource({ registry }),
      open: (model) => {
        opened += 1;
        return open(model);
      },
      defaultReference: 'content',
      log: silentLogger,
    });
    const leases = await Promise.all(Array.from({ length: 20 }, () => host.use('a')));
    const [version] = leases.map(({ hosted }) => hosted.resolved.version);
    const others = await Promise.all([host.use(`a@${version}`), host.use('a')]);
    expect(opened).toBe(1);
    for (const lease of [...leases, ...others]) lease[Symbol.dispose]();
  }, 30_000);

  it('is freed when a model cannot be loaded, and loading may be tried again', async () => {
    let broken = true;
    await using host = new ModelHost({
      source: modelSource({ registry }),
      open: (model) => (broken ? Promise.reject(new Error('no')) : open(model)),
      defaultReference: 'content',
      log: silentLogger,
    });
    await expect(host.use('a')).rejects.toThrow('no');
    expect(names(host)).toEqual([]);
    broken = false;
    (await host.use('a'))[Symbol.dispose]();
  }, 30_000);
});
