import type { ScalingConfig } from './scaling-config.ts';

/** What is known of queue and fleet. */
export interface Observation {
  readonly nowMs: number;
  /** Tasks that nobody works on. */
  readonly waiting: number;
  /** Tasks with a worker. */
  readonly leased: number;
  /** Workers that run or are being started. */
  readonly workers: number;
}

/** What a decision leaves for the next one. */
export interface ScalingState {
  readonly lastScaleOutMs: number | undefined;
  readonly lastScaleInMs: number | undefined;
}

export const noScalingYet: ScalingState = { lastScaleOutMs: undefined, lastScaleInMs: undefined };

export interface Decision {
  readonly desired: number;
  readonly state: ScalingState;
  /** In words, for logs. */
  readonly reason: string;
}

/**
 * How many workers there should be: as many as keep the backlog of each at the target, within the bounds, one step at a time. Any backlog
 * starts a worker where none runs, and a fleet goes to its minimum only when nothing waits and nothing is being done.
 */
export function desiredWorkers(config: ScalingConfig, observation: Observation, state: ScalingState): Decision {
  const { nowMs, waiting, leased, workers } = observation;
  const backlog = waiting + leased;
  const wanted = clamp(Math.ceil(backlog / config.backlogPerWorker), config);
  const stay = (reason: string): Decision => ({ desired: clamp(workers, config), state, reason });
  if (workers < config.minWorkers) return grown(config.minWorkers, 'fewer than the minimum');
  if (workers > config.maxWorkers) return shrunk(config.maxWorkers, 'more than the maximum');
  if (wanted > workers) {
    if (within(config.scaleOutCooldownMs, state.lastScaleOutMs)) return stay('grew a moment ago');
    return grown(Math.min(wanted, workers + config.maxStep), `${backlog} tasks for ${workers} workers`);
  }
  if (wanted < workers) {
    const changedAt = Math.max(
      state.lastScaleInMs ?? Number.NEGATIVE_INFINITY,
      state.lastScaleOutMs ?? Number.NEGATIVE_INFINITY,
    );
    if (within(config.scaleInCooldownMs, changedAt)) return stay('changed a moment ago');
    const least = workers - Math.max(1, Math.floor(workers * config.maxShrink));
    return shrunk(Math.max(wanted, least), `${backlog} tasks for ${workers} workers`);
  }
  return stay('as it should be');

  function within(cooldownMs: number, atMs: number | undefined): boolean {
    return atMs !== undefined && nowMs - atMs < cooldownMs;
  }
  function grown(desired: number, reason: string): Decision {
    return { desired, state: { ...state, lastScaleOutMs: nowMs }, reason };
  }
  function shrunk(desired: number, reason: string): Decision {
    return { desired, state: { ...state, lastScaleInMs: nowMs }, reason };
  }
}

const clamp = (workers: number, { minWorkers, maxWorkers }: ScalingConfig): number =>
  Math.min(maxWorkers, Math.max(minWorkers, workers));
