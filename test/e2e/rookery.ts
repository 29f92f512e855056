import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The command as users run it: the bundle. */
export const rookeryFile = fileURLToPath(new URL('../../packages/cli/dist/rookery.js', import.meta.url));

/** The environment of a user whose things lie in `home`; with threads and a batch, so that no process spends a second on finding them. */
export const userIn = (home: string, env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: home,
  ROOKERY_THREADS: '1',
  ROOKERY_BATCH: '8',
  ...env,
});

export interface Ran {
  /** `null` where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Bytes of resident memory at the most, where the system tells. */
  readonly peakBytes: number;
}

export interface RunOptions extends Pick<SpawnOptions, 'cwd' | 'uid' | 'gid'> {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Leaves stdin open after that. */
  readonly holdStdin?: boolean;
  /** Told of the process, to signal it. */
  readonly started?: (child: ChildProcess) => void;
}

/** Runs the command to its end, away from the user's own registry, cache and configuration. */
export async function rookery(
  argv: readonly string[],
  { env, stdin, holdStdin, started, ...options }: RunOptions,
): Promise<Ran> {
  const child = spawn(process.execPath, [rookeryFile, ...argv], {
    ...options,
    env: userIn(String(options.cwd), env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // It may end without reading its input.
  child.stdin.on('error', () => {});
  if (stdin !== undefined) child.stdin.write(stdin);
  if (!holdStdin) child.stdin.end();
  started?.(child);
  let peakBytes = 0;
  const watch = setInterval(() => {
    peakBytes = Math.max(peakBytes, residentPeak(child.pid));
  }, 25);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString(), peakBytes };
  } finally {
    clearInterval(watch);
  }
}

function residentPeak(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
