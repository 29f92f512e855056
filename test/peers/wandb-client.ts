import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cached } from '../services/cache.ts';
import { onPath, runCommand } from '../services/run-command.ts';

const version = '0.31.0';
const script = fileURLToPath(new URL('read-wandb-run.py', import.meta.url));
const artifacts = fileURLToPath(new URL('wandb-artifacts.mjs', import.meta.url));

export interface WandbClient {
  /** Runs `read-wandb-run.py` in `folder`, its home, with `env` beside the process' own; resolves to what it prints. */
  read(args: readonly string[], folder: string, env: Readonly<Record<string, string>>): Promise<unknown>;
  /** Runs `wandb-artifacts.mjs` with it; resolves to what it prints. */
  artifacts(): Promise<string>;
}

/** Weights & Biases' own client from PyPI, fetched once. Rejects with why it cannot be had here. */
export async function findWandbClient(): Promise<WandbClient> {
  const python = onPath('python3') ?? onPath('python');
  if (!python) throw new Error('no python3');
  const packages = await cached(`wandb-${version}`, (folder) =>
    runCommand(python, ['-m', 'pip', 'install', '--quiet', '--target', folder, `wandb==${version}`, 'pillow'], {
      timeoutMs: 240_000,
    }).then(() => undefined),
  );
  return {
    async read(args, folder, env) {
      const all = { ...process.env, HOME: folder, PYTHONPATH: packages, WANDB_SILENT: 'true', ...env };
      const options = { cwd: folder, env: all, timeout: 100_000 };
      const { stdout } = await promisify(execFile)(python, [script, ...args], options);
      return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    },
    artifacts: () =>
      runCommand(process.execPath, [artifacts, python], { env: { PYTHONPATH: packages }, timeoutMs: 240_000 }),
  };
}
