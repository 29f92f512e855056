import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { rookery, rookeryFile, userIn } from '../e2e/rookery.ts';
import { dieWithUs, endedBefore, temporaryFolder } from '../services/reaper.ts';

export interface Served extends AsyncDisposable {
  /** `http://127.0.0.1:41234`. */
  readonly address: string;
  /** Its home: the registry, the store and the keys lie in it. */
  readonly folder: string;
  /** What it printed. */
  output(): string;
}

/** `rookery serve` as users run it, in a home of its own, with everything off the beaten track left as it is. */
export async function serve(
  argv: readonly string[] = [],
  prepare: (run: (...argv: string[]) => Promise<string>) => Promise<void> = async () => {},
  env: Readonly<Record<string, string>> = {},
): Promise<Served> {
  const home = temporaryFolder('browser');
  const run = async (...command: string[]): Promise<string> => {
    const { code, stdout, stderr } = await rookery(command, { cwd: home.path });
    if (code !== 0) throw new Error(`rookery ${command.join(' ')} ended with ${code}: ${stderr}`);
    return stdout;
  };
  await prepare(run);
  const child = spawn(process.execPath, [rookeryFile, 'serve', '--port', '0', ...argv], {
    cwd: home.path,
    env: userIn(home.path, env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const { pid } = child;
  if (pid !== undefined) dieWithUs(pid);
  const ended = once(child, 'exit');
  let output = '';
  const address = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        const found = /answers at (http:\/\/\S+)/.exec(output)?.[1];
        if (found) resolve(found);
      });
    child.once('exit', (code) => reject(new Error(`rookery serve ended with ${code}: ${output.slice(-2000)}`)));
  });
  return {
    address,
    folder: join(home.path),
    output: () => output,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(late);
      if (pid !== undefined) endedBefore(pid);
      home[Symbol.dispose]();
    },
  };
}
