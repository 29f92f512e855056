import { expect, it } from 'vitest';
import { wilsonInterval } from '../src/index.ts';

it('the interval of none begins at nothing, that of all ends at all, however many', () => {
  for (let count = 1; count <= 2_000; count++) {
    expect(wilsonInterval(0, count)?.[0]).toBe(0);
    expect(wilsonInterval(count, count)?.[1]).toBe(1);
  }
  expect(wilsonInterval(0, 0)).toBeUndefined();
});

it('is that of the literature', () => {
  // 8 of 10: R, binom::binom.wilson(8, 10).
  const [low, high] = wilsonInterval(8, 10) ?? [];
  expect([low?.toFixed(4), high?.toFixed(4)]).toEqual(['0.4902', '0.9433']);
});
