// The servers of the tests for programs that run without a transform, such as benchmarks: the same exports as index.ts.
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

// Among the installed packages, so that git does not see it and imports resolve as they do from here.
const folder = fileURLToPath(new URL('../node_modules/.services/', import.meta.url));
const outfile = `${folder}${process.pid}.mjs`;
mkdirSync(folder, { recursive: true });
await build({
  entryPoints: [fileURLToPath(new URL('index.ts', import.meta.url))],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
});
const services = await import(pathToFileURL(outfile).href);
rmSync(outfile);
export const { freePort, startProgram, startRedis, startS3, startS3FaultProxy, startSqs, startTcpProxy } = services;
export const { temporaryFolder, testCredentials, testRegion } = services;
