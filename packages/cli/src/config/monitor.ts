import { fraction, integer, toggle } from './kinds.ts';
import { type Section, setting } from './setting.ts';

/** Watching the model in use. Defaults are those of `@rookery/monitor`, which is not loaded for them: a test compares. */
export const monitor = {
  /** Workers write windows of what they answer. */
  enabled: setting(toggle, { env: ['ROOKERY_MONITOR'], default: true }),
  /** A best score below it is unsure. */
  lowConfidence: setting(fraction(0, 1), { env: ['ROOKERY_MONITOR_LOW'], default: 0.5 }),
  /** Pictures that are compared with the reference at a time. */
  slice: setting(integer(100), { env: ['ROOKERY_MONITOR_SLICE'], default: 500 }),
  /** Fewer on either side say nothing. */
  least: setting(integer(20), { env: ['ROOKERY_MONITOR_LEAST'], default: 200 }),
  /** Chance of a false difference in one comparison, all measures together. */
  alpha: setting(fraction(1e-12, 0.5), { env: ['ROOKERY_MONITOR_ALPHA'], default: 0.001 }),
  /** Stability index from which on a measure is off, and below which it is well again. */
  raise: setting(fraction(0.001, 100), { env: ['ROOKERY_MONITOR_RAISE'], default: 0.2 }),
  clear: setting(fraction(0.001, 100), { env: ['ROOKERY_MONITOR_CLEAR'], default: 0.1 }),
  /** Slices in a row that raise an alarm, and that end it. */
  raiseAfter: setting(integer(1), { env: ['ROOKERY_MONITOR_RAISE_AFTER'], default: 2 }),
  clearAfter: setting(integer(1), { env: ['ROOKERY_MONITOR_CLEAR_AFTER'], default: 3 }),
} satisfies Section;
