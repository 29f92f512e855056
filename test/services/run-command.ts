import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { dieWithUs, endedBefore } from './reaper.ts';

/** The full path of a program that the shell would find, if there is one. */
export function onPath(program: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this one.
    }
  }
  return undefined;
}

export interface CommandOptions {
  cwd?: string;
  env?: Record<string, string>;
  timeoutMs?: number;
}

/** Runs a program to its end and resolves to what it printed. Rejects with its last lines where it fails or takes too long. */
export function runCommand(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { pid } = child;
    if (pid !== undefined) dieWithUs(pid);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-20_000);
      });
    }
    const timer = setTimeout(() => pid !== undefined && process.kill(-pid, 'SIGKILL'), options.timeoutMs ?? 60_000);
    child.once('error', (cause) => {
      clearTimeout(timer);
      reject(new Error(`${command} cannot be run`, { cause }));
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (pid !== undefined) endedBefore(pid);
      if (code === 0) return resolve(output);
      const last = output.trim().split('\n').slice(-3).join(' | ');
      reject(new Error(`${command} ${args[0] ?? ''} ended with ${signal ?? code}: ${last}`));
    });
  });
}
