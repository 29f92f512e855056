import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const scripts = fileURLToPath(new URL('../../peers/speed/', import.meta.url));
const cache = fileURLToPath(new URL('../../../.cache/peers/', import.meta.url));

export const scriptOf = (name) => `${scripts}${name}.py`;

/**
 * A virtual environment with what test/peers/speed/requirements.txt names, made once. What cannot be installed is left out, with the reason by
 * the package's name.
 */
export async function openPython(say) {
  const wanted = await readFile(`${scripts}requirements.txt`, 'utf8');
  const folder = `${cache}${createHash('sha256').update(wanted).digest('hex').slice(0, 12)}`;
  const bin = `${folder}/bin/`;
  const note = `${folder}/missing.json`;
  if (!existsSync(note)) {
    say('the peers are installed, once');
    await rm(folder, { recursive: true, force: true });
    await mkdir(cache, { recursive: true });
    await run('python3', ['-m', 'venv', folder]);
    const install = (...what) => run(`${bin}python`, ['-m', 'pip', 'install', '--quiet', ...what]);
    const missing = {};
    try {
      await install('--requirement', `${scripts}requirements.txt`);
    } catch {
      // One by one, so that only what cannot be had is missing.
      for (const line of wanted.trim().split('\n'))
        await install(line).catch(({ stderr }) => {
          missing[line.split(/[=[]/)[0]] = String(stderr).trim().split('\n').at(-1);
        });
    }
    await writeFile(note, JSON.stringify(missing));
  }
  const pins = Object.fromEntries(
    wanted
      .trim()
      .split('\n')
      .map((line) => line.replace(/\[.*\]/, '').split('==')),
  );
  return { bin, scripts, pins, missing: JSON.parse(await readFile(note, 'utf8')) };
}
