import type { ResultLine } from '@rookery/contracts';
import { describe, expect, it } from 'vitest';
import {
  compareWindows,
  DriftAlarm,
  defaultDriftRules,
  entropyOf,
  mergeWindows,
  nextAlarm,
  type Window,
  WindowSketch,
} from '../src/index.ts';
import { randomOf } from './random.ts';

const model = `sha256:${'a'.repeat(64)}`;
const rules = defaultDriftRules;

interface World {
  /** Weights of the classes. */
  readonly classes: readonly number[];
  /** How sure the model is: the larger the surer. */
  readonly sureness: number;
  readonly brightness: number;
}
/** 40 classes, a few common ones; a spread of confidences as the starter model's on photographs. */
const usual: World = { classes: Array.from({ length: 40 }, (_, at) => 1 / (at + 1)), sureness: 4, brightness: 120 };

function pictures(count: number, world: World, random: () => number): Window {
  const sketch = new WindowSketch({ model, name: 'birds@1' });
  const total = world.classes.reduce((sum, weight) => sum + weight, 0);
  for (let at = 0; at < count; at++) {
    let left = random() * total;
    const index = world.classes.findIndex((weight) => {
      left -= weight;
      return left < 0;
    });
    const best = 0.2 + 0.8 * (1 - random() ** world.sureness);
    const second = (1 - best) * random();
    const predictions = [best, second].map((score, place) => ({
      label: `class ${index + place}`,
      index: index + place,
      score,
    }));
    const wide = random() < 0.7;
    const error = random() < 0.01 ? { error: { code: 'PICTURE_CORRUPT', message: '' } } : {};
    const line: Pick<ResultLine, 'width' | 'height' | 'predictions' | 'error'> = {
      width: wide ? 1600 : 1200,
      height: wide ? 1200 : 1600,
      predictions: error.error ? [] : predictions,
      ...error,
    };
    sketch.add(line, 1_700_000_000_000 + at);
    sketch.look({ brightness: world.brightness + 60 * (random() - 0.5), sharpness: 5 + 20 * random() });
  }
  return sketch.window();
}

describe('an alarm', () => {
  it('stays silent through 100,000 pictures without drift, whatever the seed', () => {
    for (const seed of [1, 2]) {
      const random = randomOf(seed);
      const alarm = new DriftAlarm(pictures(5_000, usual, random), rules);
      let slices = 0;
      for (let at = 0; at < 100_000; at += rules.slice) {
        const slice = alarm.add(pictures(rules.slice, usual, random));
        slices += slice ? 1 : 0;
        expect(slice?.alarmed).toEqual([]);
        // Nor would one slice in a row have been enough.
        expect(slice?.measures.filter(({ state }) => state === 'off')).toEqual([]);
      }
      expect(slices).toBe(200);
    }
  });

  it.each<[string, World, string]>([
    ['dark pictures', { ...usual, brightness: 60 }, 'brightness'],
    ['other classes', { ...usual, classes: usual.classes.toReversed() }, 'classes'],
    ['a worse model', { ...usual, sureness: 1.2 }, 'confidence'],
  ])('notices %s within 2,000 pictures, and ends when they are gone', (_what, world, measure) => {
    const random = randomOf(3);
    const alarm = new DriftAlarm(pictures(5_000, usual, random), rules);
    for (let at = 0; at < 2_000; at += 100) alarm.add(pictures(100, world, random));
    expect(alarm.alarmed.map((one) => one.measure)).toContain(measure);
    for (let at = 0; at < 2_000; at += 100) alarm.add(pictures(100, usual, random));
    expect(alarm.alarmed).toEqual([]);
  });

  it('needs slices in a row to be raised and to end, and keeps its state in between', () => {
    const at = '2026-01-01T00:00:00.000Z';
    let state = nextAlarm({ alarmed: false, since: null, streak: 0 }, { state: 'off' }, at, rules);
    expect(state.alarmed).toBe(false);
    state = nextAlarm(state, { state: 'between' }, at, rules);
    state = nextAlarm(state, { state: 'off' }, at, rules);
    expect(state.alarmed).toBe(false);
    state = nextAlarm(state, { state: 'few' }, at, rules);
    state = nextAlarm(state, { state: 'off' }, at, rules);
    expect(state).toMatchObject({ alarmed: true, since: at });
    for (const seen of ['well', 'well', 'between', 'well', 'well'] as const)
      state = nextAlarm(state, { state: seen }, at, rules);
    expect(state.alarmed).toBe(true);
    expect(nextAlarm(state, { state: 'well' }, at, rules).alarmed).toBe(false);
  });

  it('says nothing from too few pictures', () => {
    const random = randomOf(4);
    const reference = pictures(5_000, usual, random);
    const measures = compareWindows(reference, pictures(150, { ...usual, brightness: 20 }, random), rules);
    expect(measures.every(({ state }) => state === 'few')).toBe(true);
  });
});

describe('windows', () => {
  it('add up: two workers see what one would have seen', () => {
    const [one, two] = [pictures(700, usual, randomOf(5)), pictures(300, usual, randomOf(6))];
    const sum = mergeWindows(one, two);
    expect(mergeWindows(two, one)).toEqual({ ...sum, classes: expect.objectContaining(sum.classes) });
    expect(sum.pictures).toBe(1_000);
    for (const [name, bins] of Object.entries(sum.histograms)) {
      const total = bins.reduce((all, count) => all + count, 0);
      expect(total, name).toBe(name === 'brightness' || name === 'sharpness' ? 1_000 : 1_000 - sum.failed);
    }
    expect(() => mergeWindows(one, { ...two, model: `sha256:${'b'.repeat(64)}` })).toThrow(TypeError);
  });

  it('stay small whatever labels come', () => {
    const sketch = new WindowSketch({ model });
    for (let at = 0; at < 30_000; at++)
      sketch.add({ width: 1, height: 1, predictions: [{ label: `l${at}`, index: 0, score: 1 }] }, 0);
    const { classes } = sketch.window();
    expect(Object.keys(classes).length).toBe(20_001);
    expect(classes['(other)']).toBe(10_000);
  });

  it('compare entropies only of as many labels, and know its ends', () => {
    expect(entropyOf([1])).toBe(0);
    expect(entropyOf([0.25, 0.25, 0.25])).toBeCloseTo(1, 12);
    // What is left of one is one more class.
    expect(entropyOf([0.5])).toBeCloseTo(1, 12);
    const random = randomOf(7);
    const reference = pictures(1_000, usual, random);
    const names = compareWindows(reference, { ...pictures(1_000, usual, random), top: 3 }, rules).map(
      ({ name }) => name,
    );
    expect(names).not.toContain('entropy');
  });
});
