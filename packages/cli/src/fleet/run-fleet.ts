import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { ScalingConfig } from '@rookery/autoscale';
import { RookeryError } from '@rookery/contracts';
import type { Config } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { programFile } from '../program-file.ts';
import { openQueuesOf } from '../queues.ts';
import { LocalFleet } from './local-fleet.ts';

export interface FleetCommandOptions {
  readonly min?: string;
  readonly max?: string;
  readonly backlog?: string;
  readonly period?: string;
  readonly cooldown?: string;
  readonly queue?: string;
  readonly queueName?: string;
  readonly store?: string;
  readonly sources?: string;
}

/** `rookery fleet`. */
export async function runFleet(
  workerOptions: readonly string[],
  options: FleetCommandOptions,
  context: CommandContext,
): Promise<void> {
  const { queue, queueName, store, sources } = options;
  const config = await context.config({
    queue: { address: queue, name: queueName },
    store: { location: store, sources },
    fleet: {
      minWorkers: options.min,
      maxWorkers: options.max,
      backlogPerWorker: options.backlog,
      periodMs: options.period,
      cooldownMs: options.cooldown,
    },
  });
  const scaling = scalingOf(config);
  const log = await context.logger({ service: 'fleet' });
  await using queues = await openQueuesOf(config, { log });
  const both = [queues.events, queues.jobs];
  // Workers see what this process saw, and share the cores.
  const given = { ROOKERY_QUEUE: queue, ROOKERY_QUEUE_NAME: queueName, ROOKERY_STORE: store, ROOKERY_SOURCES: sources };
  const threads = String(Math.max(1, Math.floor(availableParallelism() / scaling.maxWorkers)));
  const env = { ROOKERY_THREADS: threads, ...context.env, ...defined(given) };
  const fleet = new LocalFleet({
    scaling,
    log,
    graceMs: config.worker.graceMs,
    spawn: (place) =>
      spawn(process.execPath, [programFile, 'worker', ...workerOptions], {
        cwd: context.cwd,
        env: { ...env, ...healthPort(config, place) },
        stdio: ['ignore', 'inherit', 'inherit'],
        // A key pressed on the terminal stops this process, and this one its workers.
        detached: true,
      }),
    depth: async (signal) => {
      const depths = await Promise.all(both.map((each) => each.depth(signal)));
      const sum = (of: 'ready' | 'leased'): number => depths.reduce((total, depth) => total + depth[of], 0);
      return { waiting: sum('ready'), leased: sum('leased') };
    },
  });
  log.info({ min: scaling.minWorkers, max: scaling.maxWorkers, queue: config.queue.name }, 'scaling workers');
  await fleet.run(context.signal);
}

/** Ports in order from the configured one: workers of one machine cannot share it. */
const healthPort = ({ worker }: Config, place: number): Record<string, string> =>
  worker.healthPort === 0 ? {} : { ROOKERY_HEALTH_PORT: String(worker.healthPort + place) };

function scalingOf({ fleet }: Config): ScalingConfig {
  const { cooldownMs, ...scaling } = fleet;
  const parsed = ScalingConfig.safeParse({
    ...scaling,
    scaleOutCooldownMs: fleet.periodMs,
    scaleInCooldownMs: cooldownMs,
  });
  if (parsed.success) return parsed.data;
  throw new RookeryError('CONFIG_INVALID', { detail: `fleet: ${parsed.error.issues[0]?.message}` });
}

const defined = (values: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined));
