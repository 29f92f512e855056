import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Fault } from './fault.ts';
import { until } from './until.ts';

const rookeryFile = fileURLToPath(new URL('../../../packages/cli/dist/rookery.js', import.meta.url));
const preload = new URL('preload.mjs', import.meta.url).href;

export interface ProcessOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly fault?: Fault | undefined;
  /** Another program than the command. */
  readonly entry?: string | undefined;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A line of a process' log. */
export interface LogLine {
  readonly level?: string;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

/** `rookery ...` as a process of its own: the command as users run it, faults added from outside. */
export class RookeryProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly name: string;
  #stdout = '';
  #stderr = '';
  #end: Ended | undefined;

  constructor(argv: readonly string[], { cwd, env, fault, entry }: ProcessOptions) {
    this.name = argv.slice(0, 2).join(' ');
    this.child = spawn(process.execPath, [entry ?? rookeryFile, ...argv], {
      cwd,
      env: {
        PATH: process.env.PATH ?? '',
        ...env,
        ...(fault && { ROOKERY_FAULT: JSON.stringify(fault), NODE_OPTIONS: `--import=${preload}` }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = once(this.child, 'close').then(([code, signal]) => {
      this.#end = { code: code as number | null, signal: signal as NodeJS.Signals | null };
      return this.#end;
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  get log(): LogLine[] {
    return this.#stderr.split('\n').flatMap((line) => {
      try {
        return line.startsWith('{') ? [JSON.parse(line) as LogLine] : [];
      } catch {
        return [];
      }
    });
  }

  /** Resolves once a line of the log says so. Rejects where the process ends before. */
  says(message: string): Promise<LogLine> {
    return until(`${this.name} says "${message}"`, () => {
      const line = this.log.find(({ msg }) => msg?.includes(message));
      if (line) return line;
      if (this.hasEnded) throw new Error(`${this.name} ended before it said "${message}":\n${this.stderr}`);
      return undefined;
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async kill(): Promise<Ended> {
    this.child.kill('SIGKILL');
    return this.ended;
  }
}
