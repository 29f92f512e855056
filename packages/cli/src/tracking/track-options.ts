import { randomBytes } from 'node:crypto';
import { arch, availableParallelism, cpus, hostname, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileTracker, type Logger, type Tracker, wandbTracker } from '@rookery/telemetry';
import type { WorkerOptions } from '@rookery/worker';
import type { Config } from '../config.ts';
import { version } from '../version.ts';
import { wandbOptionsOf } from '../wandb.ts';

/** Of runs that nobody named a project for. */
export const defaultProject = 'rookery';

export const spoolFolderOf = ({ tracker }: Config): string => join(tracker.folder, 'spool');

/** How a worker's run is tracked; `undefined` where it is not. What stands in the way is logged in one line, and has no other effect. */
export async function trackOptionsOf(config: Config, log: Logger): Promise<WorkerOptions['track']> {
  const tracker = await trackerOf(config, log);
  if (!tracker) return undefined;
  const { group, intervalMs, samples, usdPerHour, notes, jobType, tags } = config.tracker;
  const id = randomBytes(4).toString('hex');
  const { name = `${hostname()}-${process.pid}` } = config.tracker;
  log.info({ tracker: tracker.kind, run: id }, 'tracking this run');
  return {
    tracker,
    run: {
      id,
      name,
      group: group ?? config.queue.name,
      tags: [...new Set(['rookery', jobType, ...tags])],
      notes,
      jobType,
      config: describe(config),
    },
    intervalMs,
    samples,
    usdPerHour,
  };
}

async function trackerOf(config: Config, log: Logger): Promise<Tracker | undefined> {
  const { kind, folder, mode, spoolSize } = config.tracker;
  if (kind === 'none' || (kind === 'wandb' && mode === 'disabled')) return undefined;
  if (kind === 'file') return fileTracker({ folder });
  const offline = mode === 'offline';
  const { baseUrl, apiKey } = await wandbOptionsOf(config);
  if (!apiKey && !offline) {
    log.warn({}, 'tracking is off: no key of Weights & Biases (WANDB_API_KEY, or `wandb login`)');
    return undefined;
  }
  return wandbTracker({
    baseUrl,
    apiKey: apiKey ?? '',
    project: config.wandb.project ?? defaultProject,
    entity: config.wandb.entity,
    spoolFolder: spoolFolderOf(config),
    maxSpoolBytes: spoolSize,
    offline,
  });
}

/** What tells runs apart: no addresses, no secrets. */
function describe({ models, classify, queue, worker }: Config): Record<string, unknown> {
  const { device, engine, threads, batch, variant, decode, top, maxPixels } = classify;
  return {
    rookery: version,
    model: models.model,
    variant: variant ?? 'default',
    decode: decode ?? 'default',
    engine,
    device,
    threads: threads ?? 'measured',
    batch: batch ?? 'measured',
    top,
    maxPixels,
    queue: queue.name,
    leaseMs: queue.leaseMs,
    leaseAhead: worker.leaseAhead,
    machine: {
      host: hostname(),
      platform: `${platform()}-${arch()}`,
      processor: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      memoryGb: Math.round(totalmem() / 1e9),
      node: process.version,
    },
  };
}
