import { spawn } from 'node:child_process';
import { link, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { round } from '../fleet/figures.mjs';
import { smallPictures } from '../fleet/pictures.mjs';

const command = fileURLToPath(new URL('../../../packages/cli/dist/rookery.js', import.meta.url));

/** A folder of so many pictures of 16 kB through the command: its memory, sampled, must stay flat. */
export async function measureFolder({ registryFolder }, folder, count) {
  const pictures = join(folder, 'many');
  await mkdir(pictures);
  const originals = await Promise.all(
    (await smallPictures()).map(async (bytes, i) => {
      const path = join(folder, `original-${i}.jpg`);
      await writeFile(path, bytes);
      return path;
    }),
  );
  for (let i = 0; i < count; i++) await link(originals[i % originals.length], join(pictures, `${i}.jpg`));

  const args = ['classify', pictures, '--model', 'birds', '--models', registryFolder, '--format', 'jsonl', '--quiet'];
  const startedAt = performance.now();
  const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let lines = 0;
  child.stdout.on('data', (chunk) => {
    for (const byte of chunk) if (byte === 10) lines++;
  });
  const samples = [];
  const timer = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    const kilobytes = /VmRSS:\s+(\d+)/.exec(status)?.[1];
    if (kilobytes) samples.push({ lines, mb: Math.round(Number(kilobytes) / 1024) });
  }, 500);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(timer);
  const seconds = (performance.now() - startedAt) / 1000;
  const at = (share) => samples.find((it) => it.lines >= count * share)?.mb;
  return {
    code,
    lines,
    picturesPerSecond: round(count / seconds),
    rssMb: { tenth: at(0.1), half: at(0.5), nineTenths: at(0.9), peak: Math.max(...samples.map(({ mb }) => mb)) },
  };
}
