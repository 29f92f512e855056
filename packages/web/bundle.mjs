// Builds the page into dist/page/: what a service serves as it is. Names carry a hash of their contents, so that browsers keep them;
// everything lies there compressed as well.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const page = join(here, 'dist/page');
const browsers = ['chrome111', 'firefox114', 'safari16.4'];

rmSync(page, { recursive: true, force: true });
mkdirSync(page, { recursive: true });

const options = {
  absWorkingDir: here,
  outdir: page,
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  bundle: true,
  target: browsers,
  minify: true,
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};
const builds = await Promise.all([
  build({ ...options, entryPoints: { app: 'src/main.tsx' }, format: 'esm', splitting: true }),
  build({
    ...options,
    entryPoints: { theme: 'src/app/early-theme.ts', style: 'src/styles/index.css' },
    format: 'iife',
  }),
]);
const outputs = Object.assign({}, ...builds.map(({ metafile }) => metafile.outputs));

const built = Object.fromEntries(
  Object.entries(outputs).flatMap(([path, { entryPoint }]) =>
    entryPoint ? [[entryPoint, path.slice(path.lastIndexOf('/') + 1)]] : [],
  ),
);
const icon = readFileSync(join(here, 'src/icon.svg'));
const iconName = `icon-${createHash('sha256').update(icon).digest('hex').slice(0, 8)}.svg`;
writeFileSync(join(page, iconName), icon);

const html = readFileSync(join(here, 'src/index.html'), 'utf8')
  .replace('early-theme.js', built['src/app/early-theme.ts'])
  .replace('main.js', built['src/main.tsx'])
  .replace('index.css', built['src/styles/index.css'])
  .replaceAll('icon.svg', iconName);
writeFileSync(join(page, 'index.html'), html);

let scriptBytes = 0;
for (const name of readdirSync(page)) {
  const bytes = readFileSync(join(page, name));
  const gzipped = gzipSync(bytes, { level: 9 });
  writeFileSync(join(page, `${name}.gz`), gzipped);
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(join(page, `${name}.br`), brotliCompressSync(bytes, { params }));
  if (name.endsWith('.js')) scriptBytes += gzipped.length;
}
console.error(`page: ${(scriptBytes / 1000).toFixed(1)} kB of script, compressed`);
