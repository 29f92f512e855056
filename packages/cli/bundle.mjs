// Bundles the command into dist/: one entry for the command, one for every file that runs as a thread or a child process
// (bundle-entries.json), shared code in chunks. All lie flat in dist/, so that `new URL('../dist/<name>.js', import.meta.url)`
// finds them from a chunk as it does from a package's own src/ or dist/.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '../..');
const dist = join(here, 'dist');
const stampFile = join(dist, '.bundle.json');
const require = createRequire(import.meta.url);

/** Files that are no code: [from, to in dist/]. */
const copies = [
  [join(root, 'packages/models/dist/starter'), 'starter'],
  [
    join(dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf/DejaVuSans-Bold.ttf'),
    'fonts/DejaVuSans-Bold.ttf',
  ],
  [join(dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'LICENSE'), 'fonts/LICENSE'],
];
const entries = [
  { name: 'rookery', from: 'packages/cli/dist/main.js' },
  ...readJson(join(here, 'bundle-entries.json')),
];

/**
 * sharp's and onnxruntime's JavaScript is bundled (read file by file it costs ten times the loading of the binaries); their binaries
 * stay where the packages are, found as the packages themselves find them.
 */
const nativeModules = {
  name: 'native-modules',
  setup(build) {
    // Imported lazily, a CommonJS module has only a default export in a bundle; Node gives its named ones too.
    build.onResolve({ filter: /^onnxruntime-node$/ }, ({ kind, resolveDir }) =>
      kind === 'dynamic-import' ? { path: resolveDir, namespace: 'named-exports' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'named-exports' }, ({ path }) => ({
      contents: "export { InferenceSession, Tensor, env, listSupportedBackends } from 'onnxruntime-node';",
      resolveDir: path,
    }));
    build.onLoad({ filter: /[\\/]sharp[\\/]dist[\\/]sharp\.mjs$/ }, ({ path }) => ({
      contents: replaceOnce(
        readFileSync(path, 'utf8').replaceAll(/\brequire\(/g, 'requireNative('),
        'const require = createRequire(import.meta.url)',
        "const requireNative = createRequire(createRequire(import.meta.url).resolve('sharp'))",
        path,
      ),
      loader: 'js',
    }));
    build.onLoad({ filter: /[\\/]onnxruntime-node[\\/]dist[\\/]binding\.js$/ }, ({ path }) => ({
      contents: replaceOnce(
        readFileSync(path, 'utf8'),
        'require(`../bin/',
        "require('node:module').createRequire(require.resolve('onnxruntime-node'))(`../bin/",
        path,
      ),
      loader: 'js',
    }));
  },
};

/** Modules of ours only declare: what a chunk does not use it does not load (zod, where only an error class is wanted). */
const ownPackagesHaveNoSideEffects = {
  name: 'own-packages-have-no-side-effects',
  setup(build) {
    build.onResolve({ filter: /^(@rookery\/|\.)/ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      if (pluginData === 'seen' || importer.includes('node_modules') || kind === 'entry-point') return undefined;
      const resolved = await build.resolve(path, { importer, kind, resolveDir, pluginData: 'seen' });
      return resolved.errors.length > 0 ? resolved : { ...resolved, sideEffects: false };
    });
  },
};

/** Says so where a new version of a package no longer reads as this file expects. */
function replaceOnce(text, from, to, path) {
  const parts = text.split(from);
  if (parts.length !== 2)
    throw new Error(`${path} no longer holds ${JSON.stringify(from)} once: bundle.mjs must follow it`);
  return parts.join(to);
}

if (process.argv.includes('--force') || !upToDate()) await bundle();

async function bundle() {
  const { build } = await import('esbuild');
  rmSync(stampFile, { force: true });
  const result = await build({
    entryPoints: Object.fromEntries(entries.map(({ name, from }) => [name, join(root, from)])),
    outdir: dist,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    chunkNames: 'chunk-[hash]',
    legalComments: 'none',
    metafile: true,
    absWorkingDir: root,
    logLevel: 'warning',
    // Bundled CommonJS still requires Node's own modules.
    banner: {
      js: "import { createRequire as createRequireOf } from 'node:module'; const require = createRequireOf(import.meta.url);",
    },
    plugins: [nativeModules, ownPackagesHaveNoSideEffects],
  });
  const written = new Set(Object.keys(result.metafile.outputs).map((path) => path.slice(path.lastIndexOf('/') + 1)));
  for (const name of readdirSync(dist)) if (name.startsWith('chunk-') && !written.has(name)) rmSync(join(dist, name));
  for (const [from, to] of copies) {
    if (!existsSync(from)) continue;
    mkdirSync(dirname(join(dist, to)), { recursive: true });
    rmSync(join(dist, to), { recursive: true, force: true });
    cpSync(from, join(dist, to), { recursive: true });
  }
  // A configuration of nothing, for machines without fontconfig's.
  writeFileSync(
    join(dist, 'fonts/fonts.conf'),
    '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig/>\n',
  );
  const inputs = Object.keys(result.metafile.inputs).filter((path) => !path.includes('node_modules/'));
  writeFileSync(stampFile, JSON.stringify({ inputs, digest: digestOf(inputs) }));
  const size = Object.values(result.metafile.outputs).reduce((sum, { bytes }) => sum + bytes, 0);
  console.error(`bundled ${entries.length} entries, ${written.size} files, ${(size / 1e6).toFixed(1)} MB`);
}

/** The inputs of the last bundle are as they were: names, sizes and times of our own files, the lock file for all others. */
function upToDate() {
  if (!existsSync(stampFile)) return false;
  const { inputs, digest } = readJson(stampFile);
  return digest === digestOf(inputs);
}

function digestOf(inputs) {
  const hash = createHash('sha256');
  const always = ['pnpm-lock.yaml', relative(root, fileURLToPath(import.meta.url)), 'packages/cli/bundle-entries.json'];
  const others = copies.map(([from]) => relative(root, from));
  for (const path of [...always, ...inputs, ...others]) {
    const info = statSync(join(root, path), { throwIfNoEntry: false });
    hash.update(`${path} ${info?.size} ${info?.mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
