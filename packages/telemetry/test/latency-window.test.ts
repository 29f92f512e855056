import { expect, it } from 'vitest';
import { LatencyWindow } from '../src/index.ts';

it('tells the percentiles of a window, and begins the next one empty', () => {
  const window = new LatencyWindow();
  for (let value = 1; value <= 100; value++) window.observe(value);
  expect(window.take()).toEqual({ count: 100, p50: 50, p95: 95, p99: 99 });
  expect(window.take()).toEqual({ count: 0, p50: undefined, p95: undefined, p99: undefined });
  window.observe(7);
  expect(window.take()).toEqual({ count: 1, p50: 7, p95: 7, p99: 7 });
});

it('keeps a fair sample of a million values', () => {
  const window = new LatencyWindow();
  for (let value = 0; value < 1_000_000; value++) window.observe(value);
  const { count, p50 = 0, p95 = 0 } = window.take();
  expect(count).toBe(1_000_000);
  // Ten standard deviations of a sample of 1,024.
  expect(Math.abs(p50 - 500_000)).toBeLessThan(160_000);
  expect(Math.abs(p95 - 950_000)).toBeLessThan(70_000);
});
