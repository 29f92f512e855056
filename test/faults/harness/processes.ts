import { readdir, readFile } from 'node:fs/promises';

/** Whether this system tells the environment of processes: without it nobody can say that none was left behind. */
export const tellsProcesses = process.platform === 'linux';

/** Command lines of the processes that have this in their environment. */
export async function processesWith(variable: string): Promise<string[]> {
  if (!tellsProcesses) return [];
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
      if (!environment.split('\0').includes(variable)) continue;
      found.push(`${pid} ${(await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ')}`);
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}
