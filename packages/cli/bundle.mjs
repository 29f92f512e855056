// Bundles the command into dist/: one entry for the command, one for every file that runs as a thread or a child process
// (bundle-entries.json), shared code in chunks. All lie flat in dist/, so that `new URL('../dist/<name>.js', import.meta.url)`
// finds them from a chunk as it does from a package's own src/ or dist/.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  directImports,
  lazyPackages,
  nativeModules,
  noSubprograms,
  ownPackagesHaveNoSideEffects,
} from './bundle-plugins.mjs';
import { bundledPackages, licencesOf, listOf } from './bundled-packages.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '../..');
const dist = join(here, 'dist');
const stampFile = join(dist, '.bundle.json');
const require = createRequire(import.meta.url);

const bullBoard = dirname(
  createRequire(join(root, 'packages/api/package.json')).resolve('@bull-board/ui/package.json'),
);

/** Files that are no code: [from, to in dist/]. */
const copies = [
  [join(root, 'packages/models/dist/starter'), 'starter'],
  [join(root, 'packages/models/catalog.json'), 'catalog.json'],
  [join(root, 'packages/web/dist/page'), 'page'],
  // bull-board looks for its files below dist/ of this folder.
  [join(bullBoard, 'dist'), 'bull-board/dist'],
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

const options = {
  outdir: dist,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  chunkNames: 'chunk-[hash]',
  legalComments: 'none',
  // Less to read at each start; names stay, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  metafile: true,
  absWorkingDir: root,
  logLevel: 'warning',
  // Bundled CommonJS still requires Node's own modules.
  banner: {
    js: "import { createRequire as createRequireOf } from 'node:module'; const require = createRequireOf(import.meta.url);",
  },
  plugins: [
    nativeModules,
    noSubprograms,
    lazyPackages,
    directImports(join(root, 'packages')),
    ownPackagesHaveNoSideEffects,
  ],
};

if (process.argv.includes('--force') || !upToDate()) await bundle();

async function bundle() {
  const { build } = await import('esbuild');
  rmSync(stampFile, { force: true });
  // The command shares chunks among its lazy parts. A thread or child is one file: it loads all of it at once, and each file costs.
  const builds = [
    { entries: entries.slice(0, 1), splitting: true },
    ...entries.slice(1).map((entry) => ({ entries: [entry], splitting: false })),
  ];
  const results = await Promise.all(
    builds.map(({ entries, splitting }) => build({ ...options, entryPoints: pointsOf(entries), splitting })),
  );
  const outputs = Object.assign({}, ...results.map(({ metafile }) => metafile.outputs));
  const written = new Set(Object.keys(outputs).map((path) => path.slice(path.lastIndexOf('/') + 1)));
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
  const packages = bundledPackages(
    results.map(({ metafile }) => metafile),
    root,
  );
  writeFileSync(join(dist, 'bundled-packages.json'), `${JSON.stringify(listOf(packages))}\n`);
  writeFileSync(join(dist, 'LICENCES.txt'), licencesOf(packages));
  const inputs = [...new Set(results.flatMap(({ metafile }) => Object.keys(metafile.inputs)))].filter(
    (path) => !/node_modules\/|^lazy-package:/.test(path),
  );
  writeFileSync(stampFile, JSON.stringify({ inputs, digest: digestOf(inputs) }));
  const size = Object.values(outputs).reduce((sum, { bytes }) => sum + bytes, 0);
  console.error(`bundled ${entries.length} entries, ${written.size} files, ${(size / 1e6).toFixed(1)} MB`);
}

function pointsOf(entries) {
  return Object.fromEntries(entries.map(({ name, from }) => [name, join(root, from)]));
}

/** The inputs of the last bundle are as they were: names, sizes and times of our own files, the lock file for all others. */
function upToDate() {
  if (!existsSync(stampFile)) return false;
  const { inputs, digest } = readJson(stampFile);
  return digest === digestOf(inputs);
}

function digestOf(inputs) {
  const hash = createHash('sha256');
  const always = [
    'pnpm-lock.yaml',
    'packages/cli/bundle-plugins.mjs',
    'packages/cli/bundled-packages.mjs',
    relative(root, fileURLToPath(import.meta.url)),
    'packages/cli/bundle-entries.json',
  ];
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
