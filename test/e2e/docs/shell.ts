import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dieWithUs, endedBefore } from '../../services/reaper.ts';
import type { ShellBlock } from './page.ts';

export interface ShellOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** What stands in a page, and what it is here: ports, buckets. */
  readonly instead: ReadonlyMap<string, string>;
}

export interface BlockRun {
  readonly block: ShellBlock;
  readonly output: string;
}

const replaced = (text: string, instead: ReadonlyMap<string, string>): string =>
  [...instead].reduce((done, [what, by]) => done.replaceAll(what, by), text);

/**
 * Runs the blocks of a page in one shell, as somebody who follows it would: variables and background processes last from block to
 * block. Whatever is left running at the end is killed. Throws where a block fails, with what it printed.
 */
export async function runBlocks(blocks: readonly ShellBlock[], options: ShellOptions): Promise<BlockRun[]> {
  const { cwd, env, instead } = options;
  const mark = (index: number | string): string => `==== block ${index} ====`;
  const script = blocks
    .map(({ text }, index) => `printf '%s\\n' '${mark(index)}'\n${replaced(text, instead)}`)
    .join('\n');
  const shell = spawn('bash', ['-euo', 'pipefail', '-c', script], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const { pid } = shell;
  if (pid === undefined) throw new Error('there is no bash');
  dieWithUs(pid);
  const kill = (): void => {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // All of it has ended.
    }
    endedBefore(pid);
  };
  let stdout = '';
  let stderr = '';
  shell.stdout.on('data', (chunk: Buffer) => (stdout += chunk));
  shell.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
  const late = setTimeout(kill, 100_000);
  try {
    const [code] = (await once(shell, 'exit')) as [number | null];
    const parts = stdout.split(new RegExp(`${mark('(\\d+)')}\n`)).slice(1);
    const runs = blocks.flatMap((block, index) => {
      const at = parts.indexOf(String(index));
      return at < 0 ? [] : [{ block, output: parts[at + 1] ?? '' }];
    });
    if (code === 0) return runs;
    const last = runs.at(-1);
    throw new Error(
      `ended with ${code} in the block of line ${last?.block.line}:\n${last?.block.text}\n${last?.output}\n${stderr}`,
    );
  } finally {
    clearTimeout(late);
    kill();
  }
}
