// Puts together what runs in an image: the bundled command and the packages with binaries that it loads, for one platform.
//
//     node docker/assemble.mjs FOLDER [--gpu] [--providers FOLDER]
//
// --gpu adds ONNX Runtime's providers for CUDA and TensorRT: those of the folder, else what the package's own installer fetches from NuGet.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { platform, arch } = process;
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { gpu: { type: 'boolean', default: false }, providers: { type: 'string' } },
});
const target = resolve(positionals[0] ?? 'image');

/** The folder of a package as `from` (a package.json) would find it, whatever it exports. */
function packageFolder(name, from) {
  for (const path of createRequire(from).resolve.paths(name) ?? []) {
    const folder = join(path, name);
    if (existsSync(join(folder, 'package.json'))) return realpathSync(folder);
  }
  return undefined;
}

/** Copies a package and what it needs; optional ones only where they are installed, which is those of this platform. */
function take(name, from, taken) {
  const folder = packageFolder(name, from);
  if (taken.has(name) || !folder) return;
  taken.add(name);
  cpSync(folder, join(target, 'node_modules', name), {
    recursive: true,
    dereference: true,
    filter: (path) => !path.slice(folder.length).includes('/node_modules') && !/\.(?:map|md|ts|flow)$/.test(path),
  });
  const file = join(folder, 'package.json');
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(file, 'utf8'));
  // What an installation script alone needs.
  const never = ['adm-zip', 'global-agent'];
  for (const each of Object.keys({ ...dependencies, ...optionalDependencies }))
    if (!never.includes(each)) take(each, file, taken);
}

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const dist = join(root, 'packages/cli/dist');
if (!existsSync(join(dist, 'rookery.js'))) throw new Error('the command is not built: pnpm build');
/** dist/ also holds the files that the bundle was made of. */
const bundled =
  /^(?:rookery|chunk-|isolation-child|decoder-thread|engine-thread|[\w-]+-(?:thread|child))[\w-]*\.js$|^[\w-]+\.json$|^LICENCES\.txt$/;
const folders = ['starter', 'page', 'bull-board', 'fonts'];
for (const name of readdirSync(dist))
  if (bundled.test(name) || folders.includes(name))
    cpSync(join(dist, name), join(target, 'dist', name), { recursive: true });

cpSync(join(root, 'docker/health.mjs'), join(target, 'dist/health.mjs'));

const taken = new Set();
const engine = join(root, 'packages/inference/package.json');
if (options.gpu && !options.providers) {
  // Beside the runtime's library, where the package lies; only images are built so.
  const install = join(packageFolder('onnxruntime-node', engine), 'script/install.js');
  spawnSync(process.execPath, [install], {
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'cuda12' },
    stdio: 'inherit',
  });
}
for (const name of ['sharp', 'onnxruntime-node', 'koffi', '@julusian/jpeg-turbo']) take(name, engine, taken);
// Binaries of five platforms come in one package.
const binaries = join(target, 'node_modules/onnxruntime-node/bin');
for (const version of readdirSync(binaries))
  for (const system of readdirSync(join(binaries, version)))
    for (const processor of readdirSync(join(binaries, version, system)))
      if (system !== platform || processor !== arch)
        rmSync(join(binaries, version, system, processor), { recursive: true });
// So do libjpeg-turbo's, of which only the library is loaded.
const turbo = join(target, 'node_modules/@julusian/jpeg-turbo');
for (const name of existsSync(turbo) ? readdirSync(turbo) : [])
  if (!['package.json', 'LICENSE', 'prebuilds'].includes(name)) rmSync(join(turbo, name), { recursive: true });
for (const name of existsSync(turbo) ? readdirSync(join(turbo, 'prebuilds')) : [])
  if (!name.startsWith(`jpeg-turbo-${platform}-${arch}`)) rmSync(join(turbo, 'prebuilds', name), { recursive: true });

if (options.gpu) {
  const folder = join(binaries, `napi-v6/${platform}/${arch}`);
  for (const name of ['shared', 'cuda', 'tensorrt'].map((each) => `libonnxruntime_providers_${each}.so`)) {
    const given = options.providers && join(options.providers, name);
    if (given && existsSync(given)) cpSync(given, join(folder, name));
    if (!existsSync(join(folder, name))) throw new Error(`${name} was neither given (--providers) nor fetched`);
  }
}

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
writeFileSync(
  join(target, 'package.json'),
  `${JSON.stringify({ name: 'rookery', version, type: 'module', private: true })}\n`,
);
for (const name of ['LICENSE', 'NOTICE']) cpSync(join(root, name), join(target, name));
console.error(`${target}: the command and ${[...taken].sort().join(', ')}`);
