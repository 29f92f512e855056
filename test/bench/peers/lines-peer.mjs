import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that is asked for labels by a line of JSON and answers by one. */
export async function startLinesPeer(program, args, options = {}) {
  const child = spawn(program, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors = `${errors}${chunk}`.slice(-2_000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(errors.trim().split('\n').at(-1) || 'it ended');
    return JSON.parse(value);
  };
  const { versions } = await answer();
  return {
    versions,
    pid: child.pid,
    async label(paths) {
      child.stdin.write(`${JSON.stringify({ paths })}\n`);
      return answer();
    },
    async stop() {
      child.stdin.end();
      await Promise.race([once(child, 'exit'), sleep(10_000, undefined, { ref: false })]);
      endGroup(child.pid);
    },
  };
}

/** What is left of a process and those that it started. */
export function endGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing is.
  }
}
