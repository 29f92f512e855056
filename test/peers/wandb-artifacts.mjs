// Our artifacts read by the official client of Weights & Biases, and its artifacts read by us, against the stand-in of test/wandb-server:
// `pnpm test:tools`, or `node test/peers/wandb-artifacts.mjs [python]`, where that Python has `wandb`.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const [python = 'python3'] = process.argv.slice(2);
const run = promisify(execFile);
const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'rookery-wandb-peer-'));
const server = await startServer();
const env = {
  PATH: process.env.PATH,
  PYTHONPATH: process.env.PYTHONPATH,
  HOME: folder,
  WANDB_BASE_URL: server.url,
  WANDB_API_KEY: server.apiKey,
  WANDB_ENTITY: server.entity,
  WANDB_DIR: folder,
  WANDB_CACHE_DIR: join(folder, 'cache'),
  WANDB_DATA_DIR: join(folder, 'data'),
  WANDB_SILENT: 'true',
  ROOKERY_MODELS: join(folder, 'models'),
  ROOKERY_CACHE: join(folder, 'rookery-cache'),
};
const rookery = async (...argv) =>
  (await run(process.execPath, [file('../../packages/cli/dist/rookery.js'), ...argv], { env, cwd: folder })).stdout;
const official = async (...argv) => {
  const { stdout } = await run(python, [file('wandb-artifacts.py'), ...argv], { env, cwd: folder, timeout: 120_000 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
};

try {
  // Ours, read by theirs.
  await copyFile(file('../../packages/models/dist/starter/model.fp32.onnx'), join(folder, 'content.onnx'));
  await writeFile(join(folder, 'labels.txt'), 'drawing\nexplicit drawing\nsafe\nexplicit\nsuggestive\n');
  await rookery('models', 'add', 'content.onnx', '--name', 'mine');
  const { manifest } = JSON.parse(await rookery('models', 'show', 'mine', '--json'));
  const to = ['--wandb', `${server.entity}/birds`, '--metric', 'accuracy=0.91', '--alias', 'candidate'];
  await rookery('models', 'register', 'mine', ...to);
  const read = await official('read', 'birds', 'mine', 'candidate');
  assert.equal(read.type, 'model');
  assert.equal(read.digest, read.computed, 'the digest is the one that the official client computes');
  assert.equal(read.linked, read.digest);
  assert.equal(read.version, manifest.version);
  assert.deepEqual(read.aliases, ['candidate', 'latest', manifest.version].sort());
  for (const { path, digest } of manifest.files) assert.equal(read.files[path], digest, path);
  assert.equal(read.run.jobType, 'register-model');
  assert.equal(read.run.accuracy, 0.91);
  assert.deepEqual(read.collections, ['mine']);

  // Used and moved by theirs, seen by ours.
  await official('use', 'birds', 'mine', 'candidate');
  const named = JSON.parse(
    await rookery('models', 'show', 'mine:production', '--json', '--registry', `wandb://${server.entity}/birds`),
  );
  assert.equal(named.manifest.version, manifest.version);
  await rookery('models', 'promote', 'mine:candidate', '--registry', `wandb://${server.entity}/birds`);

  // Theirs, read by ours.
  await run('mkdir', ['-p', join(folder, 'logged')]);
  for (const name of ['content.onnx', 'labels.txt']) await copyFile(join(folder, name), join(folder, 'logged', name));
  const { version } = await official('write', 'birds', 'Model_w5cxp2z2', join(folder, 'logged'));
  assert.equal(version, 'v0');
  const address = `wandb://${server.entity}/birds/Model_w5cxp2z2:${version}`;
  await rookery('models', 'add', address, '--name', 'theirs');
  const theirs = JSON.parse(await rookery('models', 'show', 'theirs', '--json')).manifest;
  assert.equal(theirs.provenance.source, address);
  assert.equal(theirs.version, manifest.version, 'the same model is the same version, wherever it came from');

  // The form that the original logged: a SavedModel. Of ours it has its scaling inside.
  const saved = join(folder, 'saved');
  await rookery('models', 'export', 'mine', '--to', 'savedmodel', '--output', saved);
  await rm(join(saved, 'rookery.json'));
  const old = await official('write', 'birds', 'Saved_w5cxp2z2', saved);
  const from = `wandb://${server.entity}/birds/Saved_w5cxp2z2:${old.version}`;
  const options = ['--name', 'old', '--range', '0..255'];
  assert.match(await rookery('models', 'add', from, ...options), /^added old@\w{12} {2}5 classes, 224x224/);
  console.log('each side reads what the other wrote');
} finally {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}

async function startServer() {
  const outfile = join(folder, 'server.mjs');
  const entryPoints = [file('../wandb-server/index.ts')];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
  const { startWandbServer } = await import(outfile);
  return startWandbServer();
}
