import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openQueue } from '@rookery/queue';
import { Redis } from 'ioredis';
import { describe, expect, inject, it } from 'vitest';
import { aTask } from '../../packages/queue/test/a-task.ts';
import { find, objectsOf, render } from './render.ts';
import { type HelmTools, moduleFolder, versions } from './tools.ts';

const found = inject('helmTools');
const { redis } = inject('services');
const lacking = typeof found === 'string' ? found : redis.missing;

interface Scaled {
  readonly spec: {
    readonly advanced: { readonly scalingModifiers: { readonly formula: string } };
    readonly triggers: readonly { readonly name: string; readonly metadata: { readonly listName: string } }[];
  };
}

/** The script that KEDA's scaler counts with, out of its own source. */
async function scriptOfKeda(): Promise<string> {
  const source = await readFile(join(await moduleFolder(versions.keda), 'pkg/scalers/redis_scaler.go'), 'utf8');
  const [, script] = /`(\s*local listName = KEYS\[1\][^`]+)`/.exec(source) ?? [];
  if (script === undefined) throw new Error('KEDA counts in another way now');
  return script;
}

describe.skipIf(lacking)(`KEDA on Redis${lacking ? ` (${lacking})` : ''}`, () => {
  it('counts what waits, what is being done and what comes back later, as Rookery does', async () => {
    const name = `helm-${process.pid}`;
    const manifest = await render(found as HelmTools, 'redis', `queue.name=${name}`);
    const { spec } = find<Scaled>(objectsOf(manifest), 'ScaledObject', 'birds-rookery-worker');
    const script = await scriptOfKeda();
    const open = (lane: string) =>
      openQueue({ kind: 'bullmq', url: redis.url, name: `${name}-${lane}`, leaseMs: 60_000 });
    await using events = await open('events');
    await using jobs = await open('jobs');
    const client = new Redis(redis.url);
    const counted = async (): Promise<Record<string, number>> =>
      Object.fromEntries(
        await Promise.all(
          spec.triggers.map(async (trigger) => [trigger.name, await client.eval(script, 1, trigger.metadata.listName)]),
        ),
      );
    try {
      expect(Object.values(await counted()).every((count) => count === 0)).toBe(true);
      await events.send(['a', 'b', 'c', 'd'].map(aTask));
      await jobs.send(['e', 'f'].map(aTask));
      const [first] = await events.receive(2, { waitMs: 5_000 });
      await first?.retry(60_000);
      await jobs.receive(1, { waitMs: 5_000 });
      const seen = await counted();
      const depths = await Promise.all([events.depth(), jobs.depth()]);
      expect(seen).toEqual({
        events_wait: depths[0]?.ready,
        events_active: depths[0]?.leased,
        events_delayed: depths[0]?.delayed,
        jobs_wait: depths[1]?.ready,
        jobs_active: depths[1]?.leased,
        jobs_delayed: depths[1]?.delayed,
      });
      // All six tasks, and each of them once: the formula is their sum.
      expect(
        spec.advanced.scalingModifiers.formula.split(' + ').reduce((sum, part) => sum + (seen[part] ?? NaN), 0),
      ).toBe(6);
    } finally {
      client.disconnect();
    }
  });
});
