// Builds `dist/starter`, the version folder of the model `content` that ships with Rookery: the MobileNetV2 of nsfwjs (MIT) as a serving
// graph. Runs after `tsc -b`; does nothing where the folder is up to date.
import { createHash } from 'node:crypto';
import { access, chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const target = here('../dist/starter');
const stamp = here('../dist/starter.stamp');

/** The package's folder: deep paths are not among its exports. */
const nsfwjs = join(dirname(require.resolve('nsfwjs')), '../..');
const modelFolder = join(nsfwjs, 'dist/models/mobilenet_v2');

const name = 'content';
/** A constant, so that every build gives the same bytes. */
const createdAt = new Date('2026-11-24T00:00:00Z');
const originalLabels = ['Drawing', 'Hentai', 'Neutral', 'Porn', 'Sexy'];
const labels = ['drawing', 'explicit drawing', 'safe', 'explicit', 'suggestive'];

/** Everything that the result depends on. */
async function fingerprint() {
  const optimizer = dirname(fileURLToPath(import.meta.resolve('@rookery/optimizer')));
  const modules = (await readdir(optimizer, { recursive: true })).filter((path) => path.endsWith('.js')).sort();
  const files = [
    ...modules.map((path) => join(optimizer, path)),
    here('../dist/version/version-of.js'),
    here('build.mjs'),
    join(nsfwjs, 'package.json'),
  ];
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(file));
  return hash.digest('hex');
}

async function isUpToDate(wanted) {
  try {
    await access(join(target, 'manifest.json'));
    return (await readFile(stamp, 'utf8')) === wanted;
  } catch {
    return false;
  }
}

async function build() {
  const { importLayersModel } = await import('@rookery/optimizer');
  const { manifestOf } = await import('../dist/version/version-of.js');
  // Modules, not JSON: their values are the topology and the weights in base64.
  const { modelTopology, weightsManifest } = require(join(modelFolder, 'model.min.js'));
  const weightData = Buffer.from(require(join(modelFolder, 'group1-shard1of1.min.js')), 'base64');
  const { version: packageVersion } = JSON.parse(await readFile(join(nsfwjs, 'package.json'), 'utf8'));
  const { draft } = await importLayersModel(
    { modelTopology, weightsManifest, weightData },
    {
      labels,
      originalLabels,
      source: `nsfwjs ${packageVersion}, mobilenet_v2`,
      licence: 'MIT',
      range: '0..1',
      channels: 'rgb',
      resize: 'stretch',
      kernel: 'bilinear-align-corners',
    },
  );
  // The licence goes wherever the weights go.
  const licence = await readFile(join(nsfwjs, 'LICENSE'));
  const whole = { ...draft, files: new Map([...draft.files, ['LICENSE.txt', licence]]) };
  return { draft: whole, manifest: manifestOf(name, whole, createdAt) };
}

/** All of it or nothing: the folder appears under its name once it is complete. */
async function write({ draft, manifest }) {
  await mkdir(dirname(target), { recursive: true });
  const partial = await mkdtemp(`${target}.`);
  for (const [path, bytes] of draft.files) await writeFile(join(partial, path), bytes);
  await writeFile(join(partial, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  // Made for its owner only; what ships is for everybody.
  await chmod(partial, 0o755);
  await rm(target, { recursive: true, force: true });
  await rename(partial, target);
}

const wanted = await fingerprint();
if (!(await isUpToDate(wanted))) {
  const built = await build();
  await write(built);
  await writeFile(stamp, wanted);
  console.log(`${name}@${built.manifest.version}: ${target}`);
}
