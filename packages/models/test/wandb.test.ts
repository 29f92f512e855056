import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import { startWandbServer, type WandbServer } from '../../../test/wandb-server/index.ts';
import {
  copyVersion,
  openRegistry,
  openRegistryAt,
  type RegistryAtOptions,
  registerVersion,
  rollBack,
  signManifest,
  type VersionContents,
} from '../src/index.ts';
import { aDraft, aFolder, anotherDraft } from './a-draft.ts';
import { registryConformance } from './registry-conformance.ts';

const location = 'wandb://rookery/models';

const openAt = async (server: WandbServer, more: Partial<RegistryAtOptions> = {}, at = location) =>
  openRegistryAt(at, {
    cacheFolder: await aFolder(),
    cacheBytes: 1e9,
    openStore: async () => {
      throw new Error('no store is needed');
    },
    openWandb: async () => ({ baseUrl: server.url, apiKey: server.apiKey }),
    builtIn: [],
    ...more,
  });

/** Other bytes under the name of a file of the newest artifact. */
function damage({ state }: WandbServer, path: string): void {
  const artifact = [...state.artifacts.values()].filter((each) => each.state === 'COMMITTED').at(-1);
  const manifest = JSON.parse(String(state.objects.get(artifact?.manifest?.storageKey ?? '')));
  const key = `artifacts/${artifact?.id}/${manifest.contents[path].digest}`;
  expect(state.objects.has(key)).toBe(true);
  state.objects.set(key, Buffer.from('GRAPH'));
}

registryConformance('a project of Weights & Biases', async () => {
  const server = await startWandbServer();
  return {
    registry: await openAt(server),
    another: (options) => openAt(server, options),
    damage: async (_name, _version, path) => damage(server, path),
    noRaces: 'Weights & Biases has no conditional writes',
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
});

describe('a registry in Weights & Biases', () => {
  let server: WandbServer;
  beforeEach(async () => {
    server = await startWandbServer();
    return () => server[Symbol.asyncDispose]();
  });

  it('goes on with a download that broke off', async () => {
    const graph = randomBytes(300_000);
    await using registry = await openAt(server);
    await registry.publish('birds', aDraft(graph));
    const before = server.requests.length;
    const isDownload = ({ path, method }: { path: string; method: string }) =>
      method === 'GET' && path.startsWith('/storage/');
    server.faults.add({ fault: { kind: 'cut', afterBytes: 100_000 }, when: isDownload, times: 3 });
    await using fresh = await openAt(server);
    const model = await fresh.load('birds');
    expect(Buffer.compare(graph, (model.graph as { bytes: Uint8Array }).bytes)).toBe(0);
    expect(server.requests.slice(before).filter((each) => each.startsWith('GET /storage')).length).toBeGreaterThan(3);
  });

  it('publishes once however answers are lost, late or wrong', async () => {
    const faults = [
      { fault: { kind: 'status', status: 503 }, operation: 'CreateArtifact' },
      { fault: { kind: 'down' }, operation: 'CreateArtifactFiles' },
      { fault: { kind: 'lost-answer' }, operation: 'CommitArtifact' },
      { fault: { kind: 'status', status: 429, headers: { 'retry-after': '0' } }, operation: undefined },
    ] as const;
    for (const { fault, operation } of faults)
      server.faults.add({ fault, times: 1, when: (seen) => seen.operation === operation });
    await using registry = await openAt(server);
    const { version, created } = await registry.publish('birds', aDraft(), { alias: 'production' });
    expect(created).toBe(true);
    await using fresh = await openAt(server);
    expect((await fresh.load('birds:production')).version).toBe(version);
    expect([...server.state.artifacts.values()].filter(({ state }) => state === 'COMMITTED')).toHaveLength(1);
  });

  it('shows nothing of a version before all of it is there', async () => {
    await using registry = await openAt(server);
    const isUpload = ({ method }: { method: string }) => method === 'PUT';
    server.faults.add({ fault: { kind: 'status', status: 400 }, when: isUpload });
    await expect(registry.publish('birds', aDraft())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    server.faults.clear();
    expect(await registry.list()).toEqual([]);
    expect([...server.state.runs.values()].map(({ exitCode }) => exitCode)).toEqual([1]);
    expect(await registry.publish('birds', aDraft())).toMatchObject({ created: true });
  });

  it('says in a line that a key is missing or refused, and asks once', async () => {
    for (const apiKey of [undefined, 'another']) {
      await using registry = await openAt(server, { openWandb: async () => ({ baseUrl: server.url, apiKey }) });
      await expect(registry.list()).rejects.toMatchObject({ code: 'STORE_DENIED', retryable: false });
    }
    expect(server.requests).toHaveLength(1);
  });

  it.each([200, 404])(
    'says that a web page (%i) is no server of theirs, not that there is no such model',
    async (status) => {
      const page = createServer((_request, response) =>
        response.writeHead(status, { 'content-type': 'text/html' }).end('<!doctype html><title>Welcome</title>'),
      );
      await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
      const baseUrl = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
      try {
        const options = { openWandb: async () => ({ baseUrl, apiKey: server.apiKey }) };
        await using registry = await openAt(server, options);
        const detail = expect.stringContaining('WANDB_BASE_URL');
        await expect(registry.resolve('birds')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', detail });
      } finally {
        page.close();
      }
    },
  );

  it('honours an alias that was moved by other hands, and versions named by their address', async () => {
    await using registry = await openAt(server);
    const one = await registry.publish('birds', anotherDraft(), { alias: 'production' });
    const two = await registry.publish('birds', anotherDraft());
    const collection = server.state.collections.get('rookery/models/birds');
    collection?.aliases.set('production', collection.aliases.get(two.version) ?? '');
    expect((await registry.resolve('birds:production')).manifest.version).toBe(two.version);
    for (const [alias, { version }] of [[one.version, one] as const, ['v0', one] as const, ['latest', two] as const])
      expect((await registry.resolve(`${location}/birds:${alias}`)).manifest.version).toBe(version);
  });

  it('reads what is linked to a model registry, and moves its aliases, beside those of its own project', async () => {
    await using registry = await openAt(server);
    const one = await registry.publish('birds', anotherDraft(), { alias: 'production' });
    const two = await registry.publish('birds', anotherDraft());
    const wandb = { baseUrl: server.url, apiKey: server.apiKey };
    const linking = { entity: 'rookery', project: 'models', metrics: {}, link: 'birds' };
    for (const [{ version }, aliases] of [
      [one, []],
      [two, ['candidate']],
    ] as const)
      await registerVersion(wandb, await registry.open(`birds@${version}`), { ...linking, aliases });

    const at = 'wandb://rookery/model-registry';
    await using linked = await openAt(server, {}, at);
    expect((await linked.list()).map(({ name, versions }) => [name, versions.length])).toEqual([['birds', 2]]);
    expect((await linked.load(`${at}/birds:candidate`)).version).toBe(two.version);
    await linked.alias('birds', 'production', two.version, { by: 'ann' });
    await linked.alias('birds', 'production', one.version, { by: 'ben' });
    expect((await linked.readAlias('birds', 'production'))?.history?.map(({ by }) => by)).toEqual(['ann', 'ben']);
    expect((await rollBack(linked, 'birds', 'production')).version).toBe(two.version);

    // What happened there did not touch the project.
    const own = (await registry.list())[0]?.aliases;
    expect(own).toEqual({ candidate: two.version, production: one.version });
    expect((await registry.readAlias('birds', 'production'))?.history ?? []).toEqual([]);
  });

  it('puts nothing into a model registry, removes nothing from it, and says how one is linked', async () => {
    await using registry = await openAt(server);
    const { version } = await registry.publish('birds', aDraft());
    const contents = await registry.open('birds');
    const wandb = { baseUrl: server.url, apiKey: server.apiKey };
    const linking = { entity: 'rookery', project: 'models', metrics: {}, aliases: [] };
    await registerVersion(wandb, contents, { ...linking, link: 'birds' });
    await using linked = await openAt(server, {}, 'wandb://rookery/model-registry');
    const refused = { code: 'REFERENCE_INVALID', detail: expect.stringContaining('links versions of other projects') };
    await expect(linked.publish('birds', aDraft())).rejects.toMatchObject(refused);
    await expect(linked.remove(`birds@${version}`)).rejects.toMatchObject(refused);
    expect((await registry.load('birds')).version).toBe(version);
  });

  it('reads what is linked under another name as a version of that name, and copies and serves it so', async () => {
    await using registry = await openAt(server);
    const { version } = await registry.publish('birds', aDraft());
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const sign = ({ manifest }: VersionContents) =>
      signManifest(manifest, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    const contents = await registry.open('birds');
    await registry.addSignature(`birds@${version}`, sign(contents));
    const wandb = { baseUrl: server.url, apiKey: server.apiKey };
    const linking = { entity: 'rookery', project: 'models', metrics: {}, aliases: ['production'], link: 'feathers' };
    await registerVersion(wandb, contents, linking);
    const at = 'wandb://rookery/model-registry';
    await using linked = await openAt(server, {}, at);
    expect((await linked.list()).map(({ name, versions, damaged }) => [name, versions.length, damaged])).toEqual([
      ['feathers', 1, []],
    ]);
    expect(await linked.load(`${at}/feathers:production`)).toMatchObject({ name: 'feathers', version });
    expect((await linked.verify('feathers')).intact).toBe(true);
    await using here = openRegistry({ folder: await aFolder(), builtIn: [] });
    expect(await copyVersion(linked, here, 'feathers:production')).toMatchObject({ name: 'feathers', version });
    expect((await here.load('feathers')).version).toBe(version);
    expect((await here.verify('feathers')).intact).toBe(true);

    // The signature is of the manifest with its own name.
    expect(await linked.signatures('feathers')).toEqual([]);
    const refused = { code: 'REFERENCE_INVALID', detail: expect.stringContaining('under its own name') };
    await expect(linked.addSignature('feathers', sign(await linked.open('feathers')))).rejects.toMatchObject(refused);
    await using trusting = await openAt(server, { trusted: [publicKey] }, at);
    await expect(trusting.load('feathers')).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
    await using own = await openAt(server, { trusted: [publicKey] });
    expect((await own.load('birds')).version).toBe(version);
  });

  it('keeps which run made and which run used a version', async () => {
    await using registry = await openAt(server);
    await registry.publish('birds', aDraft());
    const [made] = server.state.artifacts.values();
    const [maker] = server.state.runs.values();
    expect(made?.createdBy).toBe(maker?.id);
    expect(maker).toMatchObject({ jobType: 'register-model', complete: true, exitCode: 0 });
    const run = { entity: 'rookery', project: 'models', name: maker?.name ?? '' };
    const wandb = { baseUrl: server.url, apiKey: server.apiKey, run };
    await using user = await openAt(server, { openWandb: async () => wandb });
    await user.load('birds');
    await user.load('birds', { variant: 'int8' });
    expect([...(maker?.used ?? [])]).toEqual([made?.id]);
    expect(server.state.operations.filter((each) => each === 'UseArtifact')).toHaveLength(1);
  });
});
