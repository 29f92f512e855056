import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { ScalingConfig } from '@rookery/autoscale';
import { silentLogger } from '@rookery/telemetry';
import { expect, it } from 'vitest';
import { LocalFleet } from '../src/fleet/local-fleet.ts';

it('a worker of a local fleet has a place that no other has, and one that replaces it takes the same', async () => {
  const started: { readonly place: number; readonly child: ChildProcess }[] = [];
  const fleet = new LocalFleet({
    scaling: ScalingConfig.parse({ minWorkers: 3, maxWorkers: 3, periodMs: 100, scaleOutCooldownMs: 0 }),
    depth: async () => ({ waiting: 0, leased: 0 }),
    spawn: (place) => {
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
      started.push({ place, child });
      return child;
    },
    graceMs: 1_000,
    log: silentLogger,
  });
  const stop = new AbortController();
  const running = fleet.run(stop.signal);
  const places = () => started.map(({ place }) => place);
  try {
    await expect.poll(places).toEqual([0, 1, 2]);
    started[1]?.child.kill('SIGKILL');
    await expect.poll(places, { timeout: 10_000 }).toEqual([0, 1, 2, 1]);
  } finally {
    stop.abort();
    await running;
  }
});

it('a local fleet whose workers cannot start speaks of a change where it makes one', async () => {
  const said: string[] = [];
  let starts = 0;
  const fleet = new LocalFleet({
    scaling: ScalingConfig.parse({ minWorkers: 1, maxWorkers: 1, periodMs: 100, scaleOutCooldownMs: 0 }),
    depth: async () => ({ waiting: 0, leased: 0 }),
    spawn: () => {
      starts += 1;
      return spawn(process.execPath, ['-e', 'process.exit(2)'], { stdio: 'ignore' });
    },
    graceMs: 1_000,
    log: { ...silentLogger, info: (...line: unknown[]) => void said.push(String(line.at(-1))) },
  });
  const stop = new AbortController();
  const running = fleet.run(stop.signal);
  await expect.poll(() => starts, { timeout: 10_000 }).toBe(2);
  stop.abort();
  await running;
  expect(said.filter((msg) => msg === 'the fleet changes')).toHaveLength(2);
});
