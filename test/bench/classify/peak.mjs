import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const child = fileURLToPath(new URL('./peak-child.mjs', import.meta.url));

/** (6): peak memory of a process that labels pictures, from memory, with everything it has loaded. */
export async function measurePeak({ paths, registryFolder }, pictures) {
  const { stdout } = await promisify(execFile)(process.execPath, [child, registryFolder, String(pictures), ...paths]);
  return JSON.parse(stdout);
}
