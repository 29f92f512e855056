import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { dieWithUs, endedBefore } from './reaper.ts';

/** A server that runs as a process group of its own and dies with this process. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  readonly hasExited: boolean;
  /** The last 20,000 characters that it printed. */
  output(): string;
  /** Sends a signal to the whole group: SIGKILL, SIGSTOP, SIGCONT. Resolves at once. */
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL after two seconds; resolves once it is gone. */
  stop(): Promise<void>;
  /** SIGKILL; resolves once it is gone. */
  kill(): Promise<void>;
}

export interface ProgramOptions {
  command: string;
  args: readonly string[];
  env?: Record<string, string>;
  cwd?: string;
  /** The program is ready when it answers on this port of the loopback interface. */
  port: number;
  /** A stricter test, asked after the port answers. */
  ready?: () => Promise<boolean>;
  timeoutMs?: number;
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** Starts a server and waits until it is ready. Rejects with what it printed where it ends first. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-20_000);
    });
  }
  if (child.pid === undefined) {
    const [cause] = await once(child, 'error');
    throw new Error(`${options.command} cannot be started`, { cause });
  }
  const { pid } = child;
  dieWithUs(pid);
  let hasExited = false;
  void exited.then(() => {
    hasExited = true;
    endedBefore(pid);
  });

  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(-pid, name);
    } catch {
      // It has ended.
    }
  };
  const program: Program = {
    pid,
    get hasExited() {
      return hasExited;
    },
    output: () => output,
    signal,
    async stop() {
      signal('SIGTERM');
      signal('SIGCONT');
      const timer = setTimeout(() => signal('SIGKILL'), 2_000);
      await exited;
      clearTimeout(timer);
    },
    async kill() {
      signal('SIGKILL');
      await exited;
    },
    [Symbol.asyncDispose]: () => program.stop(),
  };

  const deadline = Date.now() + (options.timeoutMs ?? 60_000);
  while (!(await accepts(options.port)) || !((await options.ready?.().catch(() => false)) ?? true)) {
    if (hasExited) throw new Error(`${options.command} ended before it was ready: ${output.trim().slice(-500)}`);
    if (Date.now() > deadline) {
      await program.kill();
      throw new Error(`${options.command} did not become ready: ${output.trim().slice(-500)}`);
    }
    await sleep(25);
  }
  return program;
}
