import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from './repository.ts';

// One guard a process, started with the first thing that needs it: the only state here that outlives a call, because it must
// outlive the process too.
let guard: ChildProcess | undefined;

function tell(line: string): void {
  if (!guard || guard.exitCode !== null) {
    guard = spawn(process.execPath, [join(repositoryRoot, 'test', 'services', 'reaper.mjs')], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    guard.unref();
    guard.stdin?.on('error', () => {});
    // The pipe must not keep this process alive; its end tells the guard that this process is gone.
    (guard.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  }
  guard.stdin?.write(`${line}\n`);
}

/** From now on the process group of `pid` dies with this process, however that ends. */
export const dieWithUs = (pid: number): void => tell(`+${pid}`);
export const endedBefore = (pid: number): void => tell(`-${pid}`);

export interface TemporaryFolder extends Disposable {
  readonly path: string;
}

/** A folder that is removed when it is disposed of, or when this process dies. */
export function temporaryFolder(name: string): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), `rookery-${name}-`));
  tell(`+${path}`);
  return {
    path,
    [Symbol.dispose]() {
      rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
      tell(`-${path}`);
    },
  };
}
