import { expect, it } from 'vitest';
import { gainText, keptText } from '../src/optimize/report-text.ts';

const gainOf = (ratio: number, low: number, bytes: number, gzipBytes: number): string =>
  gainText({
    size: { bytes, gzipBytes, referenceBytes: 1000, referenceGzipBytes: 900 },
    pace: [{ batch: 1, threads: 2, rounds: 9, referenceMs: ratio, ms: 1, ratio, ratios: [low, ratio * 1.1] }],
  });

it('says in short what was gained, and what was not', () => {
  expect(gainOf(1.5, 1.4, 250, 240)).toBe('up to 1.50 times as fast on this machine, 4.00 times smaller');
  expect(gainOf(1.02, 1.01, 1000, 450)).toBe('not faster on this machine, 2.00 times smaller when compressed');
  expect(gainOf(0.9, 0.8, 1000, 900)).toBe('not faster on this machine, not smaller');
});

it('claims no speed that half of the rounds do not show', () => {
  expect(gainOf(1.8, 0.7, 500, 450)).toBe('not faster on this machine, 2.00 times smaller');
});

it('gives a share of labels with its interval, and none where nothing was seen of few', () => {
  expect(keptText({ sources: 9, stable: 1, interval: [0.7, 1] })).toBe('no flips in 9');
  expect(keptText({ sources: 9, stable: 8 / 9, interval: [0.565, 0.98] })).toBe('88.9 % (56.5 % to 98.0 %)');
  expect(keptText({ sources: 400, stable: 1, interval: [0.99, 1] })).toBe('100.0 % (99.0 % to 100.0 %)');
});
