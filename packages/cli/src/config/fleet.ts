import { duration, fraction, integer } from './kinds.ts';
import { type Section, setting } from './setting.ts';

/** `rookery fleet`: workers on this machine, as many as there is work for. */
export const fleet = {
  minWorkers: setting(integer(0, 1000), { env: ['ROOKERY_FLEET_MIN'], flag: '--min', default: 0 }),
  maxWorkers: setting(integer(1, 1000), { env: ['ROOKERY_FLEET_MAX'], flag: '--max', default: 4 }),
  /** Tasks a worker should have before it: more make the fleet grow. */
  backlogPerWorker: setting(fraction(0.01, 100_000), { env: ['ROOKERY_FLEET_BACKLOG'], flag: '--backlog', default: 2 }),
  /** How often the queue is looked at; the fleet grows at most once in that time. */
  periodMs: setting(duration(100), { env: ['ROOKERY_FLEET_PERIOD'], flag: '--period', default: 2_000 }),
  /** How long after a change no worker is let go. */
  cooldownMs: setting(duration(0), { env: ['ROOKERY_FLEET_COOLDOWN'], flag: '--cooldown', default: 30_000 }),
} satisfies Section;
