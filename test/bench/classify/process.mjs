import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inTurns, summarise } from './turns.mjs';

const command = fileURLToPath(new URL('../../../packages/cli/dist/rookery.js', import.meta.url));
const plain = fileURLToPath(new URL('../plain.mjs', import.meta.url));

/** (2): the same five in a new process each time, from its start to its end. */
export async function measureProcess({ paths, registryFolder, modelPath, labelsPath }, rounds) {
  const ours = ['classify', ...paths, '--model', 'birds', '--models', registryFolder, '--format', 'json', '--quiet'];
  const seen = await inTurns(
    {
      classifier: () => run([command, ...ours]),
      plain: () => run([plain, modelPath, labelsPath, ...paths]),
      // What no program written for Node can do without.
      node: () => run(['-e', '0']),
    },
    rounds,
    () => 0,
  );
  return summarise(seen, 'classifier', 'plain');
}

/** Resolves to the CPU milliseconds of the process. */
function run(args) {
  const before = process.resourceUsage();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.resume();
    child.once('error', reject);
    child.once('close', (code) => {
      if (code !== 0) reject(new Error(`${args[0]} ended with ${code}`));
      else resolve({ cpuMs: childrenCpuMs() - before.childrenCpuMs });
    });
    before.childrenCpuMs = childrenCpuMs();
  });
}

/** Node shows its children's time nowhere; the system does (cutime and cstime of /proc/self/stat, in hundredths of a second). */
function childrenCpuMs() {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[13]) + Number(fields[14])) * 10;
  } catch {
    return Number.NaN;
  }
}
