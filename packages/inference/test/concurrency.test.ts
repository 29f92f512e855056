import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { openClassifier } from '../src/index.ts';
import { lookingGlass, pixelsOf } from './looking-glass.ts';

const plain = async (shade: number, side = 16): Promise<Uint8Array<ArrayBuffer>> => {
  const background = { r: shade, g: shade, b: shade };
  return new Uint8Array(
    await sharp({ create: { width: side, height: side, channels: 3, background } })
      .png()
      .toBuffer(),
  );
};
const shadeOf = (result: Parameters<typeof pixelsOf>[0]): number | undefined => pixelsOf(result)[5]?.[0];

describe('callers share one warm model', () => {
  it('concurrent callers share batches, and each gets its own answer', async () => {
    await using classifier = await openClassifier(lookingGlass({ width: 18, height: 18 }), { batch: 4 });
    const results = await Promise.all(
      Array.from({ length: 120 }, async (_, i) => classifier.classify(await plain(i), { top: 972 })),
    );
    expect(results.map(shadeOf)).toEqual(Array.from({ length: 120 }, (_, i) => i));
    const sizes = results.map(({ timings }) => timings.batchSize);
    expect(Math.max(...sizes)).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4);
  });

  it('a lone caller does not wait for others', async () => {
    await using classifier = await openClassifier(lookingGlass(), { batch: 64 });
    const { timings } = await classifier.classify(await plain(7), { top: 1 });
    expect(timings.batchSize).toBe(1);
  });

  it('takes no more pictures at a time than was said; the others wait in their order', async () => {
    await using classifier = await openClassifier(lookingGlass(), { maxPending: 3 });
    const order: number[] = [];
    let most = 0;
    await Promise.all(
      Array.from({ length: 30 }, async (_, i) => {
        const picture = await plain(3);
        const answer = classifier.classify(picture, { top: 1 });
        most = Math.max(most, classifier.load().pending);
        await answer;
        order.push(i);
      }),
    );
    expect(most).toBe(3);
    expect(order.length).toBe(30);
    expect(classifier.load()).toEqual({ pending: 0, pendingBytes: 0 });
  });

  it('a picture larger than the whole memory budget is labelled, alone', async () => {
    await using classifier = await openClassifier(lookingGlass(), { memoryBudgetBytes: 1000 });
    const results = await Promise.all(
      [300, 20, 300].map(async (side) => classifier.classify(await plain(9, side), { top: 192 })),
    );
    expect(results.map(shadeOf)).toEqual([9, 9, 9]);
  });

  it('takes the picture over: a whole buffer is transferred, a part of one is copied', async () => {
    await using classifier = await openClassifier(lookingGlass());
    const whole = await plain(4);
    const within = new Uint8Array(new ArrayBuffer(whole.length + 20), 10, whole.length);
    within.set(whole);
    await Promise.all([classifier.classify(whole, { top: 1 }), classifier.classify(within, { top: 1 })]);
    expect(whole.buffer.byteLength).toBe(0);
    expect(within.length).toBeGreaterThan(0);
  });

  it('a Buffer that shares its memory with others takes nothing away from them', async () => {
    await using classifier = await openClassifier(lookingGlass());
    const picture = await plain(6);
    const both = Buffer.concat([picture, picture]);
    const parts = [both.subarray(0, picture.length), both.subarray(picture.length)];
    const answers = await Promise.all(parts.map((part) => classifier.classify(part, { top: 192 })));
    expect(answers.map(shadeOf)).toEqual([6, 6]);
    expect(both.length).toBe(2 * picture.length);
  });
});

describe('giving up', () => {
  it('before it began: nothing is done', async () => {
    await using classifier = await openClassifier(lookingGlass());
    const answer = classifier.classify(await plain(1), { top: 1, signal: AbortSignal.abort() });
    await expect(answer).rejects.toMatchObject({ code: 'ABORTED' });
    expect(classifier.load().pending).toBe(0);
  });

  it('while waiting for a place, and while others are decoded: the others are labelled', async () => {
    await using classifier = await openClassifier(lookingGlass(), { maxPending: 2 });
    const controller = new AbortController();
    const large = await plain(8, 3000);
    const pictures = Array.from({ length: 12 }, (_, i) => ({ given: i % 2 === 0, bytes: large.slice() }));
    const answers = pictures.map(({ given, bytes }) =>
      classifier
        .classify(bytes, { top: 192, signal: given ? controller.signal : undefined })
        .then(shadeOf, (it) => it.code),
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort();
    const outcomes = await Promise.all(answers);
    expect(outcomes.filter((_, i) => i % 2 === 1)).toEqual(Array(6).fill(8));
    expect(outcomes.filter((_, i) => i % 2 === 0)).toContain('ABORTED');
    // What was being decoded when it was given up is let go of as soon as that ends.
    expect(shadeOf(await classifier.classify(await plain(5), { top: 192 }))).toBe(5);
    expect(classifier.load()).toEqual({ pending: 0, pendingBytes: 0 });
  });

  it('disposing fails what is pending, wherever it is, and whatever comes after', async () => {
    const classifier = await openClassifier(lookingGlass(), { maxPending: 4 });
    const large = await plain(8, 2000);
    const answers = Array.from({ length: 10 }, () => classifier.classify(large.slice(), { top: 1 }));
    const settled = Promise.allSettled(answers);
    await classifier[Symbol.asyncDispose]();
    for (const outcome of await settled) expect(outcome).toMatchObject({ reason: { code: 'ABORTED' } });
    await expect(classifier.classify(large, { top: 1 })).rejects.toMatchObject({ code: 'ABORTED' });
    await classifier[Symbol.asyncDispose]();
  });

  it('an impossible number of labels is refused', async () => {
    await using classifier = await openClassifier(lookingGlass());
    await expect(classifier.classify(await plain(1), { top: 0 })).rejects.toMatchObject({ code: 'USAGE' });
  });
});
