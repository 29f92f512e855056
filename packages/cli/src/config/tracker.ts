import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { defaultModelsFolder } from '@rookery/models';
import * as z from 'zod';
import { bytes, duration, fraction, integer, type Kind, oneOf, optional, text } from './kinds.ts';
import { type Section, setting } from './setting.ts';

const modes: Readonly<Record<string, 'online' | 'offline' | 'disabled'>> = {
  online: 'online',
  offline: 'offline',
  disabled: 'disabled',
  // What their clients said before, and say among themselves.
  run: 'online',
  shared: 'online',
  dryrun: 'offline',
};

const mode: Kind<'online' | 'offline' | 'disabled'> = {
  schema: () =>
    z.preprocess(
      (value) => (typeof value === 'string' ? (modes[value.trim().toLowerCase()] ?? value) : value),
      z.enum(['online', 'offline', 'disabled']),
    ),
  allowed: Object.keys(modes).join(', '),
};

const commaSeparated: Kind<readonly string[]> = {
  schema: () =>
    z.preprocess(
      (value) =>
        typeof value === 'string'
          ? value
              .split(',')
              .map((each) => each.trim())
              .filter((each) => each !== '')
          : value,
      z.array(z.string()),
    ),
  allowed: 'texts with commas between them',
};

/** Runs of workers, for whoever compares them. */
export const tracker = {
  /** Where runs are kept. */
  kind: setting(oneOf('none', 'file', 'wandb'), { env: ['ROOKERY_TRACKER'], flag: '--tracker', default: 'none' }),
  /** Runs as files, and what is not yet sent to W&B (`spool/`). Unset: `rookery` in `WANDB_DIR`, where that is set. */
  folder: setting(text, {
    env: ['ROOKERY_TRACKER_DIR'],
    default: (env) =>
      env.WANDB_DIR
        ? join(env.WANDB_DIR, 'rookery')
        : join(defaultModelsFolder(env, process.platform, env.HOME || homedir()), '..', 'runs'),
  }),
  /** Of a row of the history. */
  intervalMs: setting(duration(100), { env: ['ROOKERY_TRACKER_INTERVAL'], default: 10_000 }),
  /** Runs of a group belong together; unset: the queue's name. */
  group: setting(optional(text), {
    env: ['ROOKERY_TRACKER_GROUP', 'WANDB_RUN_GROUP'],
    flag: '--tracker-group',
    default: undefined,
  }),
  /** Of each run, for people; unset: host and process. */
  name: setting(optional(text), { env: ['WANDB_NAME'], default: undefined }),
  /** Of each run, for people: what is different this time. */
  notes: setting(optional(text), { env: ['WANDB_NOTES'], default: undefined }),
  /** Beside `rookery`. */
  tags: setting(commaSeparated, { env: ['WANDB_TAGS'], default: [] }),
  /** What runs are of. */
  jobType: setting(text, { env: ['WANDB_JOB_TYPE'], default: 'worker' }),
  /** Pictures of each row, of a minute where rows are more frequent, that are kept small with their label, as a table. */
  samples: setting(integer(0, 200), { env: ['ROOKERY_TRACKER_SAMPLES'], default: 0 }),
  /** What an hour of a worker costs, for the figures of cost. */
  usdPerHour: setting(optional(fraction(0, 10_000)), { env: ['ROOKERY_TRACKER_USD_PER_HOUR'], default: undefined }),
  /** Of one run's requests that wait for W&B; what does not fit is dropped and counted. */
  spoolSize: setting(bytes(10_000), { env: ['ROOKERY_TRACKER_SPOOL_SIZE'], default: 64_000_000 }),
  /** As W&B's own clients have it: `offline` keeps everything until `rookery tracker flush`. */
  mode: setting(mode, { env: ['WANDB_MODE'], default: 'online' }),
} satisfies Section;
