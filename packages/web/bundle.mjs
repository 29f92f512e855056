// Builds the page into dist/page/: what a service serves as it is. Names carry a hash of their contents, so that browsers keep them;
// everything lies there compressed as well.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const page = join(here, 'dist/page');

// As its authors have minified it: 1.4 kB less, compressed, than what becomes of the readable form here.
const uplot = Buffer.from(
  `${readFileSync(join(here, 'node_modules/uplot/dist/uPlot.iife.min.js'), 'utf8')};export default uPlot;`,
);
const uplotName = `uplot-${hashOf(uplot)}.js`;

const options = {
  absWorkingDir: here,
  outdir: page,
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  bundle: true,
  target: ['chrome111', 'firefox114', 'safari16.4'],
  minify: true,
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  plugins: [{ name: 'uplot-beside', setup: uplotBeside }],
  write: false,
};
const builds = await Promise.all([
  build({ ...options, entryPoints: { app: 'src/main.tsx' }, format: 'esm', splitting: true }),
  // Runs before anything is drawn: a classic script.
  build({
    ...options,
    entryPoints: { theme: 'src/app/early-theme.ts', style: 'src/styles/index.css' },
    format: 'iife',
  }),
]);

const files = new Map(
  builds.flatMap(({ outputFiles }) => outputFiles).map(({ path, contents }) => [basename(path), contents]),
);
const nameOf = Object.fromEntries(
  builds.flatMap(({ metafile }) =>
    Object.entries(metafile.outputs).flatMap(([path, { entryPoint }]) =>
      entryPoint ? [[entryPoint, basename(path)]] : [],
    ),
  ),
);
const icon = readFileSync(join(here, 'src/icon.svg'));
const iconName = `icon-${hashOf(icon)}.svg`;
files.set(uplotName, uplot);
files.set(iconName, icon);
const html = readFileSync(join(here, 'src/index.html'), 'utf8')
  .replace('early-theme.js', nameOf['src/app/early-theme.ts'])
  .replace('main.js', nameOf['src/main.tsx'])
  .replace('index.css', nameOf['src/styles/index.css'])
  .replace('icon.svg', iconName);
files.set('index.html', Buffer.from(html));

if (!isThere()) {
  rmSync(page, { recursive: true, force: true });
  mkdirSync(page, { recursive: true });
  for (const [name, contents] of files) {
    writeFileSync(join(page, name), contents);
    writeFileSync(join(page, `${name}.gz`), gzipSync(contents, { level: 9 }));
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: contents.length };
    writeFileSync(join(page, `${name}.br`), brotliCompressSync(contents, { params }));
  }
  const scripts = [...files].filter(([name]) => name.endsWith('.js'));
  const size = scripts.reduce((sum, [, contents]) => sum + gzipSync(contents, { level: 9 }).length, 0);
  console.error(`page: ${(size / 1000).toFixed(1)} kB of script, compressed`);
}

/** Whether the folder holds this very page: what is made of it need not be made again. */
function isThere() {
  if (!existsSync(page)) return false;
  const wanted = [...files.keys()].flatMap((name) => [name, `${name}.gz`, `${name}.br`]).sort();
  return (
    readdirSync(page).sort().join() === wanted.join() &&
    readFileSync(join(page, 'index.html')).equals(files.get('index.html'))
  );
}

function uplotBeside({ onResolve }) {
  onResolve({ filter: /^uplot$/ }, () => ({ path: `./${uplotName}`, external: true }));
}

function hashOf(contents) {
  return createHash('sha256').update(contents).digest('hex').slice(0, 8);
}
