import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cached } from '../services/cache.ts';
import { onPath, runCommand } from '../services/run-command.ts';

const version = '2.73.0';
const script = fileURLToPath(new URL('use-tritonclient.py', import.meta.url));

export interface Tritonclient {
  /** Runs the checks of `use-tritonclient.py`; resolves to the names of those that passed. Rejects with the first that did not. */
  run(args: readonly string[]): Promise<string[]>;
}

/** NVIDIA's client from PyPI, fetched once. Rejects with why it cannot be had here. */
export async function findTritonclient(): Promise<Tritonclient> {
  const python = onPath('python3') ?? onPath('python');
  if (!python) throw new Error('no python3');
  const packages = await cached(`tritonclient-${version}`, (folder) =>
    runCommand(python, ['-m', 'pip', 'install', '--quiet', '--target', folder, `tritonclient[http,grpc]==${version}`], {
      timeoutMs: 240_000,
    }).then(() => undefined),
  );
  return {
    async run(args) {
      const env = { ...process.env, PYTHONPATH: packages };
      const { stdout } = await promisify(execFile)(python, [script, ...args], { env, timeout: 100_000 });
      return JSON.parse(stdout);
    },
  };
}
