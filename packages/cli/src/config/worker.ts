import { duration, integer } from './kinds.ts';
import { type Section, setting } from './setting.ts';

/** `rookery worker`. Its owner adds keys here. */
export const worker = {
  /** How long work in flight may take after SIGTERM. */
  graceMs: setting(duration(0), { env: ['ROOKERY_GRACE'], flag: '--grace', default: 25_000 }),
  /** Of /health and /metrics; 0: none. */
  healthPort: setting(integer(0, 65_535), { env: ['ROOKERY_HEALTH_PORT'], flag: '--health-port', default: 0 }),
  /** What one picture may take in isolation before it counts as the culprit. */
  isolationTimeoutMs: setting(duration(100), { env: ['ROOKERY_ISOLATION_TIMEOUT'], default: 60_000 }),
} satisfies Section;
