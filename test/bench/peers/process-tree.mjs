import { readdir, readFile } from 'node:fs/promises';

/** Milliseconds of processor that a process and all that it started have used, those that have ended included. Linux only. */
export async function cpuMsOf(root) {
  const seen = new Map();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => undefined);
    if (!stat) continue;
    // The name of the program is in brackets and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0);
    seen.set(Number(name), { parent: Number(fields[1]), ticks });
  }
  const belongs = (pid) => pid === root || (seen.has(pid) && belongs(seen.get(pid).parent));
  let ticks = 0;
  for (const [pid, each] of seen) if (belongs(pid)) ticks += each.ticks;
  // A hundred a second, on every Linux that Node runs on.
  return ticks * 10;
}
