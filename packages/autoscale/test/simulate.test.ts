import { describe, expect, it } from 'vitest';
import { arrivalsOf, plotSimulation, ScalingConfig, type Simulation, simulate, traceNames } from '../src/index.ts';

const config = ScalingConfig.parse({
  maxWorkers: 4,
  backlogPerWorker: 1,
  periodMs: 1_000,
  scaleOutCooldownMs: 0,
  scaleInCooldownMs: 5_000,
});
const exact = { config, picturesPerSecond: 100, picturesPerTask: 100, startupMs: 0, metricDelayMs: 0, spread: 0 };

describe('a simulation', () => {
  it('of one worker and no spread is what arithmetic says', () => {
    const one = { ...exact, config: ScalingConfig.parse({ minWorkers: 1, maxWorkers: 1, periodMs: 1_000 }) };
    const result = simulate({ ...one, arrivals: [{ atMs: 0, pictures: 1_000 }] });
    // Ten tasks of a second each, one after another.
    expect(result).toMatchObject({ pictures: 1_000, tasks: 10, completionMs: 10_000, busyMs: 10_000, mostWorkers: 1 });
    expect(result.waitMs).toEqual({ p50: 5_000, p95: 10_000, p99: 10_000, max: 10_000 });
  });

  it('of four workers shares the tasks out: three rounds for ten', () => {
    const result = simulate({ ...exact, arrivals: [{ atMs: 0, pictures: 950 }] });
    expect(result.mostWorkers).toBe(4);
    expect(result.completionMs).toBe(3_000);
    expect(result.busyMs).toBe(9_500);
  });

  it('starts from zero, goes back to zero, and pays for starts', () => {
    const result = simulate({ ...exact, startupMs: 10_000, arrivals: [{ atMs: 60_000, pictures: 100 }] });
    expect(result.samples[0]).toMatchObject({ running: 0, starting: 0 });
    expect(result.samples.at(-1)).toMatchObject({ running: 0, starting: 0, waiting: 0 });
    expect(result.starts).toBe(1);
    expect(result.completionMs).toBe(11_000);
    expect(result.workerMs).toBe(11_000);
    expect(result.idleShare).toBeGreaterThan(0.5);
  });

  it('sees the queue as late as its figures are', () => {
    const late = (metricDelayMs: number) =>
      simulate({ ...exact, metricDelayMs, arrivals: [{ atMs: 500, pictures: 100 }] }).completionMs;
    expect(late(30_000) - late(0)).toBe(30_000);
  });

  it('is the same each time, and another with another seed', () => {
    const burst: Simulation = { ...exact, spread: 0.3, startupMs: 5_000, arrivals: arrivalsOf('burst') };
    expect(simulate(burst)).toEqual(simulate(burst));
    expect(simulate({ ...burst, seed: 2 }).waitMs).not.toEqual(simulate(burst).waitMs);
  });

  it.each(traceNames)('labels every picture of the trace %s', (name) => {
    const arrivals = arrivalsOf(name);
    const result = simulate({ config: ScalingConfig.parse({ maxWorkers: 50 }), arrivals, picturesPerSecond: 60 });
    expect(result.pictures).toBe(arrivals.reduce((sum, { pictures }) => sum + pictures, 0));
    expect(result.tasks).toBe(arrivals.reduce((sum, { pictures }) => sum + Math.ceil(pictures / 256), 0));
    // Whatever was computed was paid for, and durations spread around what the pictures take.
    expect(result.busyMs).toBeLessThanOrEqual(result.workerMs);
    expect(result.busyMs / ((result.pictures / 60) * 1000)).toBeCloseTo(1, 1);
  });

  it('is drawn as one SVG', () => {
    const svg = plotSimulation(simulate({ ...exact, arrivals: arrivalsOf('burst') }), 'burst & small');
    expect(svg).toMatch(/^<svg [^>]+aria-label="burst &#38; small">[\s\S]+<\/svg>\n$/);
    expect(svg.match(/<polyline/g)).toHaveLength(3);
    // Which line is which is said in its colour.
    for (const kind of ['running', 'starting']) expect(svg).toContain(`<tspan class="${kind}">`);
    expect(svg).not.toContain('NaN');
  });

  it('takes a trace of its own, and refuses one that goes back in time', () => {
    expect(arrivalsOf({ lines: '{"atMs":0,"pictures":5}\n{"atMs":10,"pictures":1}\n' })).toHaveLength(2);
    for (const lines of [
      '{"atMs":5,"pictures":1}\n{"atMs":4,"pictures":1}',
      '{"atMs":0}',
      'x',
      '{"atMs":0,"pictures":0.5}',
    ])
      expect(() => arrivalsOf({ lines })).toThrow(/of the trace/);
  });

  it('has an end, whatever it is asked', () => {
    const arrivals = (pictures: number) => [{ atMs: 0, pictures }];
    expect(() => simulate({ ...exact, arrivals: arrivals(1e12) })).toThrow(/20 million/);
    const slow = { ...exact, config: ScalingConfig.parse({ maxWorkers: 1 }), picturesPerSecond: 0.01 };
    expect(() => simulate({ ...slow, arrivals: arrivals(1e7) })).toThrow(/two years/);
    const since1970 = { lines: '{"atMs": 1764000000000, "pictures": 1}' };
    expect(() => arrivalsOf(since1970)).toThrow(/line 1 .*1970/);
  });

  it('of hundreds of thousands of decisions is drawn with as many points as there is room for, its top among them', () => {
    const config = ScalingConfig.parse({ maxWorkers: 3, backlogPerWorker: 1 });
    const result = simulate({ ...exact, config, picturesPerSecond: 0.01, arrivals: [{ atMs: 0, pictures: 300_000 }] });
    expect(result.samples.length).toBeGreaterThan(150_000);
    const svg = plotSimulation(result, 'slow');
    expect(svg.length).toBeLessThan(100_000);
    expect(svg).toContain('>3.0k<');
  });
});
