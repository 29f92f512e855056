import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const rookery = fileURLToPath(new URL('../../../packages/cli/dist/rookery.js', import.meta.url));

/** `rookery fleet` as users run it, and when its log says what. */
export function startLocalFleet({ scaling, env, cwd }) {
  const { minWorkers, maxWorkers, backlogPerWorker, periodMs, scaleInCooldownMs } = scaling;
  const policy = ['--min', minWorkers, '--max', maxWorkers, '--backlog', backlogPerWorker];
  const pace = ['--period', `${periodMs}ms`, '--cooldown', `${scaleInCooldownMs}ms`];
  const argv = ['fleet', ...policy.map(String), ...pace, '--', '--model', 'content'];
  const child = spawn(process.execPath, [rookery, ...argv], { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  const times = new Map();
  createInterface({ input: child.stderr }).on('line', (line) => {
    const { level, msg, time } = JSON.parse(line);
    if (level !== 'info') console.error(line);
    times.set(msg, [...(times.get(msg) ?? []), Date.parse(time)]);
  });
  return {
    /** In milliseconds, of each line with this message. */
    times: (msg) => times.get(msg) ?? [],
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
