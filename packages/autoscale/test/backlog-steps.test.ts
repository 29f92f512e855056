import { describe, expect, it } from 'vitest';
import { desiredWorkers, noScalingYet, ScalingConfig, startSteps } from '../src/index.ts';

/** What the steps start with at a backlog. */
const startedWith = (config: ScalingConfig, backlog: number): number =>
  startSteps(config).findLast(({ from }) => from <= backlog)?.workers ?? 0;
const wanted = (config: ScalingConfig, backlog: number): number =>
  desiredWorkers(config, { nowMs: 0, waiting: backlog, leased: 0, workers: 0 }, noScalingYet).desired;

describe('the steps that a fleet starts with', () => {
  it('are what the policy wants, where there are few enough', () => {
    for (const backlogPerWorker of [0.01, 0.5, 1, 3.5, 8]) {
      const config = ScalingConfig.parse({ maxWorkers: 20, backlogPerWorker });
      for (let backlog = 0; backlog < 400; backlog += 1)
        expect([backlog, startedWith(config, backlog)]).toEqual([backlog, wanted(config, backlog)]);
    }
  });

  it('each begin behind the one before, also where one task wants several workers', () => {
    for (const maxWorkers of [1, 7, 10_000]) {
      const begins = startSteps(ScalingConfig.parse({ maxWorkers, backlogPerWorker: 0.3 })).map(({ from }) => from);
      expect(begins[0]).toBe(1);
      expect(begins).toEqual([...new Set(begins)].sort((a, b) => a - b));
    }
  });

  it('are at most twenty, never too few workers, and reach the maximum', () => {
    const config = ScalingConfig.parse({ maxWorkers: 1_000, backlogPerWorker: 4 });
    const steps = startSteps(config);
    expect(steps.length).toBeLessThanOrEqual(20);
    expect(steps.at(-1)?.workers).toBe(1_000);
    for (let backlog = 1; backlog < 5_000; backlog += 7) {
      const [started, least] = [startedWith(config, backlog), wanted(config, backlog)];
      expect(started).toBeGreaterThanOrEqual(least);
      expect(started).toBeLessThanOrEqual(Math.ceil(least * 1.6));
    }
  });
});
