import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import type { Host } from '../src/host.ts';
import { run } from '../src/run.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface HostOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly stdin?: string;
  readonly isTTY?: boolean;
  readonly signal?: AbortSignal;
  /** What the system says when something is written to stdout. */
  readonly stdoutTrouble?: string;
}

export const aFolder = (): string => mkdtempSync(join(tmpdir(), 'rookery-cli-'));

/** Runs a command line in this process, with streams of its own. */
export async function runCommand(argv: readonly string[], options: HostOptions = {}): Promise<Ran> {
  const stdout = options.stdoutTrouble ? aBrokenStream(options.stdoutTrouble) : aStream(options.isTTY);
  const stderr = aStream(options.isTTY);
  const host: Host = {
    stdin: Readable.from([options.stdin ?? '']),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: { HOME: '/nonexistent', ...options.env },
    cwd: options.cwd ?? aFolder(),
    signal: options.signal ?? new AbortController().signal,
  };
  const code = await run(argv, host);
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function aStream(isTTY = false) {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 100 });
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString() };
}

/** As a file on a full disk, or a pipe that nobody reads. */
function aBrokenStream(code: string) {
  const write = (_chunk: unknown, _encoding: string, done: (error: Error) => void) =>
    done(Object.assign(new Error(`${code}: write`), { code, syscall: 'write' }));
  return { stream: Object.assign(new Writable({ write }), { isTTY: false, columns: 100 }), text: () => '' };
}
