import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { openClassifier } from '../src/index.ts';
import { lookingGlass, notANumber, pixelsOf, valuesOf } from './looking-glass.ts';

const size = 8 * 8 * 3;
const ramp = (step = 1): number[] => Array.from({ length: size }, (_, i) => (i * step) % 256);

describe('pixels that were decoded elsewhere', () => {
  it('are labelled as they are, in bytes or in floats', async () => {
    await using classifier = await openClassifier(lookingGlass());
    const whole = await classifier.classifyPixels(Uint8Array.from(ramp()), { top: size });
    const floats = await classifier.classifyPixels(Float32Array.from(ramp()), { top: size });
    expect(pixelsOf(whole)).toEqual(pixelsOf(floats));
    expect(valuesOf(whole).map(Math.round)).toEqual(ramp());
    expect([whole.width, whole.height]).toEqual([8, 8]);
  });

  it('keep their fractions where the model takes them, and are rounded where it does not', async () => {
    const given = ramp().map((value) => Math.min(255, value + 0.25));
    await using fractions = await openClassifier(lookingGlass({}, 'float32'));
    await using whole = await openClassifier(lookingGlass({}, 'uint8'));
    const kept = valuesOf(await fractions.classifyPixels(Float32Array.from(given), { top: size }));
    for (const [i, value] of kept.entries()) expect(value).toBeCloseTo(given[i] as number, 3);
    const rounded = valuesOf(await whole.classifyPixels(Float32Array.from(given), { top: size }));
    expect(rounded.map(Math.round)).toEqual(given.map(Math.round));
  });

  it('share batches with encoded pictures, and each gets its own answer', async () => {
    await using classifier = await openClassifier(lookingGlass(), { batch: 4 });
    const encoded = async (shade: number) =>
      new Uint8Array(
        await sharp({ create: { width: 9, height: 9, channels: 3, background: { r: shade, g: shade, b: shade } } })
          .png()
          .toBuffer(),
      );
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, i) =>
        i % 2 === 0
          ? classifier.classify(await encoded(i), { top: size })
          : classifier.classifyPixels(new Uint8Array(size).fill(i), { top: size }),
      ),
    );
    expect(answers.map((answer) => pixelsOf(answer)[9]?.[1])).toEqual(Array.from({ length: 60 }, (_, i) => i));
    expect(classifier.load()).toEqual({ pending: 0, pendingBytes: 0 });
  });

  it.each([
    ['not a number', Number.NaN],
    ['negative', -1],
    ['beyond 255', 255.5],
    ['endless', Number.POSITIVE_INFINITY],
  ])('with a value that is %s are refused, and leave nothing behind', async (_, value) => {
    await using classifier = await openClassifier(lookingGlass(), { maxPending: 2 });
    const bad = () => classifier.classifyPixels(Float32Array.from(ramp()).fill(value, 77, 78), { top: 1 });
    for (let i = 0; i < 50; i++) await expect(bad()).rejects.toMatchObject({ code: 'PICTURE_CORRUPT' });
    expect(pixelsOf(await classifier.classifyPixels(new Uint8Array(size).fill(3), { top: size }))[0]).toEqual([
      3, 3, 3,
    ]);
  });

  it('of another size are refused', async () => {
    await using classifier = await openClassifier(lookingGlass());
    const answer = classifier.classifyPixels(new Uint8Array(size - 3), { top: 1 });
    await expect(answer).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('can be given up', async () => {
    await using classifier = await openClassifier(lookingGlass());
    const controller = new AbortController();
    const answers = Array.from({ length: 30 }, (_, i) =>
      classifier.classifyPixels(new Uint8Array(size).fill(i), { top: 1, signal: controller.signal }),
    );
    controller.abort();
    for (const outcome of await Promise.allSettled(answers))
      expect(outcome).toMatchObject({ reason: { code: 'ABORTED' } });
    const after = await classifier.classifyPixels(new Uint8Array(size).fill(9), { top: size });
    expect(pixelsOf(after)[0]).toEqual([9, 9, 9]);
    expect(classifier.load()).toEqual({ pending: 0, pendingBytes: 0 });
  });
});

describe('the score of every class', () => {
  it('comes where it is asked for, by index and rounded as the best ones are', async () => {
    await using classifier = await openClassifier(lookingGlass());
    const { scores, predictions } = await classifier.classifyPixels(Uint8Array.from(ramp(3)), { top: 5, scores: true });
    expect(scores).toHaveLength(size);
    for (const { index, score } of predictions) expect(scores?.[index]).toBe(Math.fround(score));
    const without = await classifier.classifyPixels(Uint8Array.from(ramp(3)), { top: 5 });
    expect(without).not.toHaveProperty('scores');
  });

  it('is an error where one is not a number', async () => {
    await using classifier = await openClassifier(notANumber());
    const answer = classifier.classifyPixels(new Uint8Array(12), { top: 1, scores: true });
    await expect(answer).rejects.toMatchObject({ code: 'SCORE_NOT_A_NUMBER' });
  });
});
