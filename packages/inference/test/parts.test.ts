import { canonicalJson, Pin, pinDigest } from '@rookery/contracts';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { Admission } from '../src/admission.ts';
import { placementOf } from '../src/decode/resize/placement.ts';
import { type DecodeJob, DecodeQueue } from '../src/decode/thread/decode-queue.ts';
import { topK } from '../src/engine/top-k.ts';
import { engineInfo, openClassifier, pinOf } from '../src/index.ts';
import { lookingGlass } from './looking-glass.ts';

describe('the best scores', () => {
  const best = (scores: number[], top: number) => topK(Float32Array.from(scores), 0, scores.length, top);

  it('come best first, ties to the lower index', () => {
    expect(best([0.1, 0.5, 0.2, 0.5, 0.5], 3)).toEqual({ indices: [1, 3, 4], scores: [0.5, 0.5, 0.5] });
  });

  it('are compared by the six decimals that are shown', () => {
    expect(best([0.25, 0.2500001, 0.24], 2)).toEqual({ indices: [0, 1], scores: [0.25, 0.25] });
  });

  it('are as many as there are', () => {
    expect(best([0.3, 0.7], 1000).indices).toEqual([1, 0]);
  });

  it('are read from their place in the batch', () => {
    expect(topK(Float32Array.from([9, 9, 0.1, 0.4]), 2, 2, 1)).toEqual({ indices: [1], scores: [0.4] });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('are none where one is %s', (odd) => {
    for (let at = 0; at < 5; at++) {
      const scores = [0.9, 0.8, 0.7, 0.6, 0.5];
      scores[at] = odd;
      expect(best(scores, 2).indices).toEqual([]);
    }
  });

  it('agree with sorting all of them', () => {
    const scores = Array.from({ length: 500 }, (_, i) => Math.fround(((i * 7919) % 101) / 101));
    const order = scores.map((_, i) => i).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
    for (const top of [1, 3, 50, 500]) expect(best(scores, top).indices).toEqual(order.slice(0, top));
  });
});

describe('decodes', () => {
  const jobs = (limits: { decoders: number; budgetBytes: number }) => {
    const queue = new DecodeQueue(limits);
    const started: number[] = [];
    const finish = new Map<number, () => void>();
    const add = (id: number, reserveBytes: number): void =>
      queue.add({
        id,
        reserveBytes,
        cost: reserveBytes,
        run: () => {
          started.push(id);
          return new Promise((resolve) => finish.set(id, resolve));
        },
      } satisfies DecodeJob);
    const end = async (id: number): Promise<void> => {
      finish.get(id)?.();
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { queue, started, add, end };
  };

  it('begin with the longest of those that wait', () => {
    const { queue, started, add } = jobs({ decoders: 2, budgetBytes: 100 });
    for (const [id, bytes] of [
      [1, 10],
      [2, 50],
      [3, 20],
    ] as const)
      add(id, bytes);
    queue.start();
    expect(started).toEqual([2, 3]);
  });

  it('stay within the budget; one that exceeds it runs alone and is not overtaken for ever', async () => {
    const { queue, started, add, end } = jobs({ decoders: 4, budgetBytes: 100 });
    add(1, 60);
    queue.start();
    add(2, 500);
    add(3, 10);
    queue.start();
    expect(started).toEqual([1]);
    await end(1);
    expect(started).toEqual([1, 2]);
    await end(2);
    expect(started).toEqual([1, 2, 3]);
  });

  it('a short one is overtaken by no more than sixteen long ones', async () => {
    const { queue, started, add, end } = jobs({ decoders: 1, budgetBytes: 1e9 });
    add(0, 1000);
    queue.start();
    add(1, 1);
    for (let id = 2; id < 40; id++) {
      add(id, 100);
      await end(started[started.length - 1] as number);
    }
    expect(started.indexOf(1)).toBe(17);
  });

  it('tell when all decoders are at work, and when one has nothing to do', async () => {
    const told: boolean[] = [];
    const finish: (() => void)[] = [];
    const queue = new DecodeQueue({ decoders: 2, budgetBytes: 100 }, (busy) => told.push(busy));
    const run = (): Promise<void> => new Promise((resolve) => finish.push(resolve));
    for (let id = 0; id < 3; id++) queue.add({ id, reserveBytes: 1, cost: 1, run });
    queue.start();
    expect(told).toEqual([true]);
    finish[0]?.();
    await new Promise((resolve) => setImmediate(resolve));
    // The third took the place of the first.
    expect(told).toEqual([true]);
    for (const end of finish) end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual([true, false]);
  });

  it('that were taken back do not begin', async () => {
    const { queue, started, add, end } = jobs({ decoders: 1, budgetBytes: 100 });
    add(1, 9);
    queue.start();
    add(2, 1);
    expect([queue.remove(2), queue.remove(1)]).toEqual([true, false]);
    await end(1);
    expect(started).toEqual([1]);
  });
});

describe('admission', () => {
  it('keeps the order, and lets nothing small pass something large', async () => {
    const admission = new Admission({ pictures: 3, bytes: 100 });
    const entered: string[] = [];
    const enter = (name: string, bytes: number, signal?: AbortSignal) =>
      admission.enter(bytes, signal).then(
        () => void entered.push(name),
        () => void entered.push(`${name} gave up`),
      );
    const controller = new AbortController();
    const all = [enter('a', 90), enter('b', 50, controller.signal), enter('c', 5), enter('d', 400), enter('e', 1)];
    await all[0];
    expect(entered).toEqual(['a']);
    controller.abort();
    await all[2];
    expect(entered).toEqual(['a', 'b gave up', 'c']);
    admission.leave(90);
    admission.leave(5);
    await all[3];
    expect([admission.pictures, admission.bytes]).toEqual([1, 400]);
    admission.leave(400);
    await all[4];
    expect(entered.slice(3)).toEqual(['d', 'e']);
    admission.close();
    await enter('f', 1);
    expect(entered).toContain('f gave up');
  });
});

describe('placement', () => {
  it.each([
    [
      'stretch',
      { resizedWidth: 20, resizedHeight: 10, width: 20, height: 10, left: 0, top: 0, cropLeft: 0, cropTop: 0 },
    ],
    ['contain', { resizedWidth: 5, resizedHeight: 10, width: 5, height: 10, left: 7, top: 0, cropLeft: 0, cropTop: 0 }],
    [
      'cover',
      { resizedWidth: 20, resizedHeight: 40, width: 20, height: 10, left: 0, top: 0, cropLeft: 0, cropTop: 15 },
    ],
  ] as const)('%s', (resize, meant) => {
    expect(placementOf(100, 200, { width: 20, height: 10, resize, kernel: 'bilinear-half-pixel' })).toEqual(meant);
  });

  it('of a line is still one pixel wide', () => {
    const to = { width: 8, height: 8, resize: 'contain', kernel: 'bilinear-half-pixel' } as const;
    expect(placementOf(1, 20_000, to)).toMatchObject({ width: 1, height: 8, left: 3 });
    expect(placementOf(1, 20_000, { ...to, resize: 'cover' })).toMatchObject({
      width: 8,
      height: 8,
      resizedHeight: 160_000,
    });
  });
});

it('what can be run here is told', async () => {
  const { cores, providers, engine, decoder } = await engineInfo();
  expect(cores).toBeGreaterThan(0);
  expect(providers).toContainEqual({ name: 'cpu', bundled: true });
  expect(`${engine}, ${decoder}`).toMatch(/^onnxruntime \d.*, libvips \d/);
});

describe('the pin', () => {
  it('is known without loading anything and is what a classifier reports', async () => {
    const model = lookingGlass();
    const pin = pinOf(model);
    expect(Pin.parse(pin)).toEqual(pin);
    expect(pin.decoder).toBe(`libvips ${sharp.versions.vips}, sharp ${sharp.versions.sharp}`);
    await using classifier = await openClassifier(model);
    expect(canonicalJson(classifier.pin)).toBe(canonicalJson(pin));
    expect(classifier.model).toBe(pinDigest(pin));
  });

  it('names what a prediction depends on, and nothing else', () => {
    const model = lookingGlass();
    const digest = (options = {}, changed = {}) => pinDigest(pinOf({ ...model, ...changed }, options));
    expect(digest({ maxPixels: 5 })).not.toBe(digest());
    expect(digest({ device: [0] })).not.toBe(digest());
    expect(digest({ device: [0, 1] })).toBe(digest({ device: [1] }));
    expect(digest({}, { decode: 'fast' })).not.toBe(digest());
    expect(digest({ threads: 7, batch: 3 } as object)).toBe(digest());
  });
});
