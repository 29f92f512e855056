// How long a container takes from its start to the first label, the task waiting in the queue, the model in the image. Each start has a container of
// its own, whose /tmp is empty: nothing is left of earlier ones but the machine's page cache.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildah, run } from './buildah.mjs';

const mostMs = 60_000;

/** Milliseconds of each start. `enqueue` makes a job by the name; `start` gives what is run in a container. */
export async function coldStarts({ image, store, starts, enqueue, start }) {
  const took = [];
  for (let round = 0; round < starts; round++) {
    const job = `cold-${round}`;
    enqueue(job);
    const container = run(buildah, 'from', '--pull-never', image).trim();
    let worker;
    try {
      const results = join(store, 'jobs', job, 'results');
      const startedAt = performance.now();
      worker = spawn(buildah, start(container), { stdio: ['ignore', 'ignore', 'inherit'] });
      const ended = once(worker, 'exit');
      while (!existsSync(results) || !readdirSync(results).some((name) => name.endsWith('.jsonl'))) {
        if (worker.exitCode !== null || performance.now() - startedAt > mostMs)
          throw new Error(`no label of ${job}: the worker ended with ${worker.exitCode}`);
        await sleep(5);
      }
      took.push(Math.round(performance.now() - startedAt));
      stopWorker();
      await ended;
    } finally {
      // One that outlived its round would keep the port of the next.
      if (worker?.exitCode === null) stopWorker();
      run(buildah, 'rm', container);
    }
  }
  return took;
}

/** SIGTERM, to the worker itself as tini would pass it on. */
export function stopWorker() {
  const pid = run('pgrep', '-f', '^node /app/dist/rookery.js worker', '-u', '1000').trim();
  if (!/^\d+$/.test(pid)) throw new Error(`the worker does not run alone as uid 1000: ${pid}`);
  process.kill(Number(pid), 'SIGTERM');
}

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
