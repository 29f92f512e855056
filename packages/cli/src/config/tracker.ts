import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { defaultModelsFolder } from '@rookery/models';
import { bytes, duration, fraction, integer, oneOf, optional, text } from './kinds.ts';
import { type Section, setting } from './setting.ts';

/** Runs of workers, for whoever compares them. */
export const tracker = {
  /** Where runs are kept. */
  kind: setting(oneOf('none', 'file', 'wandb'), { env: ['ROOKERY_TRACKER'], flag: '--tracker', default: 'none' }),
  /** Runs as files, and what is not yet sent to W&B (`spool/`). */
  folder: setting(text, {
    env: ['ROOKERY_TRACKER_DIR'],
    default: (env) => join(defaultModelsFolder(env, process.platform, env.HOME || homedir()), '..', 'runs'),
  }),
  /** Of a row of the history. */
  intervalMs: setting(duration(100), { env: ['ROOKERY_TRACKER_INTERVAL'], default: 10_000 }),
  /** Runs of a group belong together; unset: the queue's name. */
  group: setting(optional(text), {
    env: ['ROOKERY_TRACKER_GROUP', 'WANDB_RUN_GROUP'],
    flag: '--tracker-group',
    default: undefined,
  }),
  /** Pictures of each row, of a minute where rows are more frequent, that are kept small with their label, as a table. */
  samples: setting(integer(0, 200), { env: ['ROOKERY_TRACKER_SAMPLES'], default: 0 }),
  /** What an hour of a worker costs, for the figures of cost. */
  usdPerHour: setting(optional(fraction(0, 10_000)), { env: ['ROOKERY_TRACKER_USD_PER_HOUR'], default: undefined }),
  /** Of one run's requests that wait for W&B; what does not fit is dropped and counted. */
  spoolSize: setting(bytes(10_000), { env: ['ROOKERY_TRACKER_SPOOL_SIZE'], default: 64_000_000 }),
  /** As W&B's own clients have it: `offline` keeps everything until `rookery tracker flush`. */
  mode: setting(oneOf('online', 'offline', 'disabled', 'dryrun'), { env: ['WANDB_MODE'], default: 'online' }),
} satisfies Section;
