import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { startWandbServer, type WandbServer } from '../../../test/wandb-server/index.ts';
import { aFolder } from './a-host.ts';
import { aMachine, registerPromoteRollBack } from './registry-scenario.ts';

let server: WandbServer;
let env: Record<string, string>;
beforeEach(async () => {
  server = await startWandbServer();
  env = { WANDB_BASE_URL: server.url, WANDB_API_KEY: server.apiKey };
  return () => server[Symbol.asyncDispose]();
});

describe('a registry in Weights & Biases', () => {
  it('is pushed to, promoted in, rolled back, pulled from', async () => {
    const place = 'wandb://rookery/models';
    const shared = { ...env, ROOKERY_REGISTRY: place };
    await registerPromoteRollBack(await aMachine(shared), await aMachine(shared), place);
  });

  it('is asked with the key that wandb login wrote', async () => {
    const netrc = join(aFolder(), 'netrc');
    const line = (host: string, key: string) => `machine ${host}\n  login user\n  password ${key}\n`;
    writeFileSync(netrc, line('api.wandb.ai', 'another') + line('127.0.0.1', server.apiKey));
    const { models } = await aMachine({ WANDB_BASE_URL: server.url, NETRC: netrc });
    expect(await models('list', '--registry', 'wandb://rookery/models')).toMatchObject({ code: 0 });
    expect(await models('list', '--registry', 'wandb://rookery')).toMatchObject({ code: 2 });
  });
});

describe('rookery models register', () => {
  it('makes a run with the metrics, an artifact of type model, and links it to the model registry', async () => {
    const { models, one } = await aMachine(env);
    const register = [
      'register',
      'birds:first',
      '--wandb',
      'rookery/birds',
      '--metric',
      'accuracy=0.91',
      '--alias',
      'candidate',
    ];
    const { code, stdout } = await models(...register);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        new RegExp(
          `^registered birds@${one} as wandb://rookery/birds/birds:v0\nlinked to rookery/model-registry/birds:v0\nrun http://.*/rookery/birds/runs/\\w{8}\n$`,
        ),
      ),
    });
    const [run] = server.state.runs.values();
    expect(run).toMatchObject({ jobType: 'register-model', complete: true, exitCode: 0 });
    expect(JSON.parse(run?.streams.get('wandb-summary.json')?.[0] ?? '')).toMatchObject({ accuracy: 0.91 });
    const [artifact] = server.state.artifacts.values();
    expect(artifact).toMatchObject({ type: 'model', state: 'COMMITTED', createdBy: run?.id });
    const linked = server.state.collections.get('rookery/model-registry/birds');
    expect(linked).toMatchObject({ kind: 'ArtifactPortfolio', members: [{ artifact: artifact?.id }] });
    expect(linked?.aliases.get('candidate')).toBe(artifact?.id);

    expect((await models(...register)).stdout).toContain(
      `already there: birds@${one} as wandb://rookery/birds/birds:v0`,
    );
    expect(await models('register', 'birds:first', '--wandb', 'birds')).toMatchObject({ code: 2 });
    expect(await models('register', 'birds:first', '--wandb', 'a/b', '--metric', 'x=y')).toMatchObject({ code: 2 });
    expect((await models('list', '--registry', 'wandb://rookery/birds')).stdout).toContain(one);
  });

  it('links under any name, says where one cannot be read, and refuses what is none before anything is sent', async () => {
    const { models, one } = await aMachine(env);
    const register = (link: string) => models('register', 'birds:first', '--wandb', 'rookery/birds', '--link', link);
    for (const link of ['a/b', 'birds:v0', ''])
      expect(await register(link)).toMatchObject({ code: 2, stderr: expect.stringContaining('--link') });
    expect(server.state.runs.size).toBe(0);
    expect((await register('feathers')).stdout).not.toContain('is no model');
    expect((await models('pull', `wandb://rookery/model-registry/feathers:v0`)).stdout).toContain(
      `copied feathers@${one} to `,
    );
    expect((await register('Birds of the garden')).stdout).toContain(
      '"Birds of the garden" is no model\'s name here: it is read as wandb://rookery/birds/birds:v0 only',
    );
    expect((await models('list', '--registry', 'wandb://rookery/model-registry')).stdout).toContain(`feathers  ${one}`);
  });
});

describe('rookery models add wandb://', () => {
  const content = new URL('../../models/dist/starter/', import.meta.url);

  it('imports a model file that somebody logged, its bytes verified', async () => {
    const { cwd, models } = await aMachine(env);
    const graph = readFileSync(new URL('model.fp32.onnx', content));
    const key = logArtifact(server, {
      'export/model.onnx': graph,
      'export/labels.txt': Buffer.from('a\nb\nc\nd\ne\n'),
    });
    const added = await models('add', 'wandb://rookery/team/Model_w5cxp2z2:v0', '--name', 'theirs');
    expect(added).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^added theirs@\w{12} {2}5 classes, 224x224/),
    });
    const { manifest } = JSON.parse((await models('show', 'theirs', '--json')).stdout);
    expect(manifest.provenance.source).toBe('wandb://rookery/team/Model_w5cxp2z2:v0');
    const changed = Buffer.from(graph);
    changed[1000] = (changed[1000] ?? 0) ^ 1;
    server.state.objects.set(key('export/model.onnx'), changed);
    expect(await models('add', 'wandb://rookery/team/Model_w5cxp2z2:v0')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('MODEL_CORRUPT'),
    });
    expect(existsSync(join(cwd, 'models', 'model_w5cxp2z2'))).toBe(false);
  }, 120_000);

  it('sends whoever names a version of ours to pull, and says what is missing', async () => {
    const { models, one } = await aMachine(env);
    await models('push', 'birds:first', '--registry', 'wandb://rookery/team');
    expect(await models('add', `wandb://rookery/team/birds:${one}`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('rookery models pull wandb://rookery/team/birds'),
    });
    expect(await models('add', 'wandb://rookery/team/birds:v7')).toMatchObject({ code: 3 });
    logArtifact(server, { 'saved_model.pb': Buffer.from('x') });
    expect(await models('add', 'wandb://rookery/team/Model_w5cxp2z2:v0')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('has no labels.txt'),
    });
  });
});

/** An artifact as the official client logs a folder; resolves to the storage key of a path. */
function logArtifact({ state }: WandbServer, files: Record<string, Buffer>): (path: string) => string {
  const id = 'QXJ0aWZhY3Q6dGhlaXJz';
  const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('base64');
  const key = (path: string) => `artifacts/${id}/${md5(files[path] ?? Buffer.from(''))}`;
  const contents = Object.fromEntries(
    Object.entries(files).map(([path, bytes]) => {
      state.objects.set(key(path), bytes);
      return [path, { digest: md5(bytes), size: bytes.length, birthArtifactID: id }];
    }),
  );
  state.objects.set('manifests/theirs', Buffer.from(JSON.stringify({ version: 1, contents })));
  const home = { entity: 'rookery', project: 'team', type: 'model' };
  const createdAt = '2026-01-01T00:00:00';
  state.projects.set('rookery/team', { id: 'team', createdAt });
  state.artifacts.set(id, {
    ...home,
    id,
    collection: 'Model_w5cxp2z2',
    digest: '',
    clientId: null,
    createdAt,
    createdBy: null,
    state: 'COMMITTED',
    description: null,
    metadata: '{}',
    wanted: [],
    manifest: { id: 'theirs', storageKey: 'manifests/theirs' },
  });
  state.collections.set('rookery/team/Model_w5cxp2z2', {
    ...home,
    id: 'collection',
    name: 'Model_w5cxp2z2',
    kind: 'ArtifactSequence',
    createdAt,
    members: [{ id: 'member', artifact: id, versionIndex: 0, createdAt }],
    aliases: new Map([['latest', id]]),
    nextVersion: 1,
  });
  return key;
}
