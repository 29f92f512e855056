import { describe, expect, it } from 'vitest';
import {
  accuracyOf,
  gTest,
  holm,
  jensenShannon,
  kolmogorovSmirnov,
  kolmogorovTail,
  populationStability,
  upperGamma,
} from '../src/index.ts';

/** Expected values are those of SciPy (`scipy.special`, `scipy.stats`, `scipy.spatial.distance`), written down here. */
const a = [120, 300, 410, 150, 20];
const b = [80, 160, 260, 180, 40];

describe('the statistics agree with SciPy', () => {
  it.each([
    [0.5, 0.1, 0.6547208460185768],
    [2, 5, 0.04042768199451279],
    [10, 3, 0.9988975118698845],
    [10, 30, 7.121750862815593e-6],
    [50, 70, 0.0051405024585059085],
  ])('gammaincc(%d, %d)', (shape, x, expected) => {
    expect(upperGamma(shape, x) / expected).toBeCloseTo(1, 10);
  });

  it.each([
    [0.3, 0.9999906941986655],
    [0.8, 0.5441424115741981],
    [1, 0.26999967167735456],
    [1.17, 0.12939004218561884],
    [1.19, 0.11774229287977166],
    [1.5, 0.022217962616525127],
    [2.5, 7.453306344157342e-6],
  ])('kolmogorov(%d)', (x, expected) => {
    expect(kolmogorovTail(x) / expected).toBeCloseTo(1, 10);
  });

  it('chi2_contingency with the log-likelihood ratio', () => {
    const { statistic, p, degrees } = gTest(a, b);
    expect(statistic).toBeCloseTo(48.956872314165636, 9);
    expect(p / 5.961053495026275e-10).toBeCloseTo(1, 7);
    expect(degrees).toBe(4);
  });

  it('ks_2samp: the statistic exactly, p as the asymptotic one within its own uncertainty', () => {
    const { statistic, p } = kolmogorovSmirnov(a, b);
    expect(statistic).toBeCloseTo(0.13555555555555554, 12);
    expect(Math.log10(p)).toBeCloseTo(Math.log10(3.548815069160522e-7), 0);
  });

  it('jensenshannon in base 2, and the sum of both relative entropies', () => {
    expect(jensenShannon(a, b)).toBeCloseTo(0.14432193370532634, 12);
    expect(populationStability(a, b)).toBeCloseTo(0.11682758531984021, 12);
  });
});

describe('bounds', () => {
  it('nothing differs from itself, and what has nothing in common differs most', () => {
    expect(jensenShannon(a, a)).toBe(0);
    expect(populationStability(a, a)).toBeCloseTo(0, 12);
    expect(kolmogorovSmirnov(a, a)).toEqual({ statistic: 0, p: 1 });
    expect(gTest(a, a).p).toBe(1);
    expect(jensenShannon([5, 0], [0, 7])).toBe(1);
    expect(kolmogorovSmirnov([500, 0], [0, 700]).p).toBeLessThan(1e-100);
  });

  it('without pictures nothing is said', () => {
    expect(gTest([0, 0], [0, 0])).toEqual({ statistic: 0, p: 1, degrees: 0 });
    expect(kolmogorovSmirnov([0, 0], [1, 2]).p).toBe(1);
    expect(accuracyOf(0, 0).interval).toBeNull();
  });

  it('rare cells are put together until the test may be used', () => {
    // Forty classes of one picture each say nothing one by one.
    expect(gTest([1000, ...new Array(40).fill(1)], [1000, ...new Array(40).fill(1)]).degrees).toBeLessThan(10);
  });

  it("Holm's adjustment, as in his paper's step-down", () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([])).toEqual([]);
  });

  it("Wilson's interval, as scipy.stats.binomtest gives it for 45 of 50", () => {
    const [low, high] = accuracyOf(50, 45).interval ?? [];
    expect(low).toBeCloseTo(0.7864, 4);
    expect(high).toBeCloseTo(0.95652, 4);
  });
});
