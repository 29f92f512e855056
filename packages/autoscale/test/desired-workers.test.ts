import { describe, expect, it } from 'vitest';
import { backlogFor, desiredWorkers, noScalingYet, ScalingConfig, scalingPresets } from '../src/index.ts';

const config = ScalingConfig.parse({
  maxWorkers: 10,
  backlogPerWorker: 4,
  scaleOutCooldownMs: 60_000,
  scaleInCooldownMs: 300_000,
});
const seen = (more: object) => ({ nowMs: 1_000_000, waiting: 0, leased: 0, workers: 0, ...more });

describe('the number of workers', () => {
  it('keeps the backlog of each at the target', () => {
    expect(desiredWorkers(config, seen({ waiting: 20, workers: 1 }), noScalingYet).desired).toBe(5);
    expect(desiredWorkers(config, seen({ waiting: 16, leased: 4, workers: 5 }), noScalingYet).desired).toBe(5);
  });

  it('is one as soon as anything waits, and none only when nothing is being done', () => {
    expect(desiredWorkers(config, seen({ waiting: 1 }), noScalingYet).desired).toBe(1);
    expect(desiredWorkers(config, seen({ leased: 1, workers: 1 }), noScalingYet).desired).toBe(1);
    expect(desiredWorkers(config, seen({ workers: 1 }), noScalingYet).desired).toBe(0);
  });

  it('stays within its bounds, whatever waits and whatever runs', () => {
    expect(desiredWorkers(config, seen({ waiting: 1e6, workers: 3 }), noScalingYet).desired).toBe(10);
    expect(desiredWorkers(config, seen({ waiting: 1e6, workers: 12 }), noScalingYet).desired).toBe(10);
    const warm = ScalingConfig.parse({ minWorkers: 2 });
    expect(desiredWorkers(warm, seen({}), noScalingYet).desired).toBe(2);
    expect(desiredWorkers(warm, seen({ workers: 3 }), noScalingYet).desired).toBe(2);
  });

  it('waits after it has grown, and longer after any change before it shrinks', () => {
    const { state } = desiredWorkers(config, seen({ waiting: 20, workers: 1 }), noScalingYet);
    const later = (ms: number, more: object) =>
      desiredWorkers(config, seen({ nowMs: 1_000_000 + ms, ...more }), state).desired;
    expect(later(59_000, { waiting: 40, workers: 5 })).toBe(5);
    expect(later(60_000, { waiting: 40, workers: 5 })).toBe(10);
    expect(later(299_000, { workers: 5 })).toBe(5);
    expect(later(300_000, { workers: 5 })).toBe(3);
  });

  it('grows and shrinks by steps', () => {
    const steps = ScalingConfig.parse({ maxWorkers: 100, backlogPerWorker: 1, maxStep: 3, maxShrink: 0.25 });
    expect(desiredWorkers(steps, seen({ waiting: 50, workers: 2 }), noScalingYet).desired).toBe(5);
    expect(desiredWorkers(steps, seen({ workers: 40 }), noScalingYet).desired).toBe(30);
    expect(desiredWorkers(steps, seen({ workers: 2 }), noScalingYet).desired).toBe(1);
  });

  it('says why, and a configuration that cannot be is refused', () => {
    expect(desiredWorkers(config, seen({ waiting: 9, workers: 1 }), noScalingYet).reason).toBe('9 tasks for 1 workers');
    expect(() => ScalingConfig.parse({ minWorkers: 5, maxWorkers: 4 })).toThrow('minWorkers');
    expect(() => ScalingConfig.parse({ maxWorker: 4 })).toThrow();
    expect(Object.keys(scalingPresets)).toEqual(['small', 'spot', 'gpu']);
  });

  it('follows from how long a task may wait', () => {
    expect(backlogFor({ picturesPerSecond: 64, picturesPerTask: 256, waitMs: 60_000 })).toBe(15);
    expect(backlogFor({ picturesPerSecond: 1, picturesPerTask: 256, waitMs: 1_000 })).toBe(1);
  });
});
