import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResultLine } from '@rookery/contracts';
import { JobLedger } from '@rookery/jobs';
import { type ObjectStore, openStore } from '@rookery/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Evaluation, evaluateFeedback, putFeedback } from '../src/index.ts';
import { randomOf } from './random.ts';

let folder: string;
let store: ObjectStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feedback-'));
  store = await openStore(join(folder, 'own'));
});
afterEach(() => rm(folder, { recursive: true }));

const bucket = 'photos';
const model = `sha256:${'a'.repeat(64)}`;
const lineOf = (key: string, label: string, score: number): ResultLine => ({
  key,
  etag: 'e1',
  size: 1,
  width: 1,
  height: 1,
  model,
  predictions: [
    { label, index: 0, score },
    { label: 'owl', index: 1, score: 1 - score },
  ],
});

describe('true labels', () => {
  it('are kept once, however often they are told; the later of two counts', async () => {
    await store.put('labels/photos/a.jpg.json', JSON.stringify(lineOf('a.jpg', 'heron', 0.9)));
    const wrong = { bucket, labels: [{ key: 'a.jpg', label: 'crane' }] };
    expect(await putFeedback(store, wrong)).toMatchObject({ labels: 1, isNew: true });
    expect(await putFeedback(store, wrong)).toMatchObject({ isNew: false });
    const ledger = new JobLedger(store);
    expect(await evaluateFeedback(ledger)).toMatchObject({
      count: 1,
      correct: 0,
      confusion: [{ truth: 'crane', answer: 'heron', count: 1 }],
    });
    await putFeedback(store, { bucket, labels: [{ key: 'a.jpg', label: 'heron' }] });
    expect(await evaluateFeedback(ledger)).toMatchObject({ count: 1, correct: 1, confusion: [] });
    // What was said before is said again.
    await putFeedback(store, { ...wrong, id: 'second thoughts' });
    expect(await evaluateFeedback(ledger)).toMatchObject({ count: 1, correct: 0 });
  });

  it('of another state of a picture, and of one without a label, are told apart from wrong ones', async () => {
    await store.put('labels/photos/a.jpg.json', JSON.stringify(lineOf('a.jpg', 'heron', 0.9)));
    await putFeedback(store, {
      bucket,
      labels: [
        { key: 'a.jpg', label: 'heron', etag: 'e2' },
        { key: 'never.jpg', label: 'heron' },
      ],
    });
    expect(await evaluateFeedback(new JobLedger(store))).toMatchObject({
      count: 0,
      changed: 1,
      missing: 1,
      accuracy: null,
    });
  });

  it('say whose pictures they are of', async () => {
    await expect(putFeedback(store, { labels: [{ key: 'a', label: 'b' }] })).rejects.toThrow('either job or bucket');
  });
});

describe('calibration', () => {
  const evaluate = (rightAt: (score: number) => number): Evaluation => {
    const random = randomOf(11);
    const evaluation = new Evaluation();
    const known = (label: string) => ({ label, etag: undefined, at: new Date('2026-01-01') });
    for (let at = 0; at < 20_000; at++) {
      const score = 0.5 + random() / 2;
      evaluation.add(known(random() < rightAt(score) ? 'heron' : 'owl'), lineOf('k', 'heron', score));
    }
    return evaluation;
  };

  it('of a model that is as often right as it says is near 0', () => {
    expect(evaluate((score) => score).report().ece).toBeLessThan(0.02);
  });

  it('of one that is too sure by 0.2 is 0.2', () => {
    const { ece, calibration, inTop, count } = evaluate((score) => score - 0.2).report();
    expect(ece).toBeCloseTo(0.2, 1);
    expect(calibration.slice(0, 5).every((bin) => bin.count === 0 && bin.accuracy === null)).toBe(true);
    expect(calibration.reduce((sum, bin) => sum + bin.count, 0)).toBe(20_000);
    expect(inTop).toBe(count);
  });

  it('is the mean over the bins, by hand', () => {
    const evaluation = new Evaluation();
    const at = new Date('2026-01-01');
    evaluation.add({ label: 'heron', etag: undefined, at }, lineOf('a', 'heron', 0.95));
    evaluation.add({ label: 'owl', etag: undefined, at }, lineOf('b', 'heron', 0.95));
    evaluation.add({ label: 'heron', etag: undefined, at }, lineOf('c', 'heron', 0.6));
    // (2 |0.5 - 0.95| + 1 |1 - 0.6|) / 3
    expect(evaluation.report().ece).toBeCloseTo((2 * 0.45 + 0.4) / 3, 12);
  });
});
