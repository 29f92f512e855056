import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServingModel } from '@rookery/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Classifier, type ClassifierOptions, openClassifier, pinOf } from '../src/index.ts';
import { largestDifference } from './largest-difference.ts';
import { onnxSmallNet } from './small-net/onnx.ts';
import { pictures, side } from './small-net/small-net.ts';
import { watchGaps } from './watch-gaps.ts';

/** The small network in a format that the engine runs. */
interface FormUnderTest {
  readonly form: string;
  /** Writes it into a folder. */
  readonly write: (folder: string) => Promise<ServingModel>;
  /** What it writes, relative to the folder: with half of any of them it is a damaged model. */
  readonly files: readonly string[];
  /** Default: 8. */
  readonly batches?: readonly number[];
}

export interface EngineUnderTest {
  /** As pins name it. */
  readonly name: string;
  /** Why it cannot be tested here; its tests are skipped with that. */
  readonly missing?: string | undefined;
  readonly options: Pick<ClassifierOptions, 'engine' | 'enginesFolder'>;
  readonly forms: readonly [FormUnderTest, ...FormUnderTest[]];
}

const mebibyte = 1024 * 1024;
const openings = 3;
/** A loaded engine takes from 40 MiB to 200 MiB: three that stayed would be more. */
const mostLeft = 120 * mebibyte;
const given = pictures(11);
const [aPicture] = given as [Uint8Array<ArrayBuffer>];

/** Computed once for all. */
const scoresOfOnnx = (async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rookery-onnx-'));
  try {
    await using onnx = await openClassifier(await onnxSmallNet(folder), { threads: 1, batch: 1 });
    return await scoresOf(onnx, given);
  } finally {
    await rm(folder, { recursive: true });
  }
})();

/** What every engine promises: registers the same tests for each. */
export function engineConformance({ name, missing, options, forms }: EngineUnderTest): void {
  const open = (model: ServingModel, more: ClassifierOptions = {}): Promise<Classifier> =>
    openClassifier(model, { threads: 1, batch: 8, ...options, ...more });

  describe(`${name} keeps the promises of an engine`, () => {
    let folder: string;
    let expected: (Float32Array | undefined)[];
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'rookery-engine-'));
      expected = await scoresOfOnnx;
    });
    afterAll(() => rm(folder, { recursive: true }));
    beforeEach(({ skip }) => skip(missing !== undefined, missing));

    describe.each(forms)('with $form', ({ write, files, batches = [8] }) => {
      it.each(batches)('gives the scores of ONNX Runtime within 1e-3 in batches of up to %i', async (batch) => {
        await using classifier = await open(await write(folder), { batch });
        // A lone picture, a full batch, a part of one, and both.
        for (const count of [1, batch, Math.ceil(batch / 2), batch + 2]) {
          const found = await scoresOf(classifier, given.slice(0, count));
          expect(largestDifference(found, expected.slice(0, count))).toBeLessThanOrEqual(1e-3);
        }
      });

      it.each(files)('finds a model invalid of whose %s a half is gone', async (file) => {
        const model = await write(folder);
        const bytes = await readFile(join(folder, file));
        await writeFile(join(folder, file), bytes.subarray(0, bytes.length / 2));
        await expect(open(model)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
      });
    });

    describe('whatever it runs', () => {
      let model: ServingModel;
      beforeAll(async () => {
        model = await forms[0].write(folder);
      });

      describe('while it computes', () => {
        const batch = 64;
        let classifier: Classifier;
        beforeAll(async () => {
          if (missing === undefined) classifier = await open(model, { batch, maxPending: batch });
        });
        afterAll(() => classifier?.[Symbol.asyncDispose]());

        it('names itself, its version and its kind of device in the pin', () => {
          const { version } = classifier.pin.engine;
          expect(classifier.pin.engine).toEqual({ name, version, device: 'cpu' });
          expect(version).toMatch(/^\d+\.\d+\.\d+/);
          expect(classifier.pin).toEqual(pinOf(model, options));
        });

        it('leaves the main thread alone, whose timers keep their time', async () => {
          let [gapMs, computedMs] = [Number.POSITIVE_INFINITY, 0];
          // Others may take the processor away from this thread: it has three tries.
          for (let attempt = 0; attempt < 3 && gapMs > computedMs / 2; attempt++) {
            using timer = watchGaps();
            const results = await Promise.all(Array.from({ length: batch }, () => classify(classifier)));
            computedMs = Math.max(...results.map(({ timings }) => timings.inferMs));
            gapMs = timer.longestMs();
          }
          expect(computedMs).toBeGreaterThan(20);
          expect(gapMs).toBeLessThan(computedMs / 2);
        });

        it('gives pictures up when their signal says so, and answers the others', async () => {
          await expect(classify(classifier, AbortSignal.abort())).rejects.toMatchObject({ code: 'ABORTED' });
          const gone = new AbortController();
          const others = Array.from({ length: 20 }, () => classify(classifier));
          const theirs = Array.from({ length: 20 }, () => classify(classifier, gone.signal));
          gone.abort();
          for (const outcome of await Promise.allSettled(theirs))
            expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'ABORTED' } });
          for (const answer of await Promise.all(others)) expect(answer.width).toBe(side);
          await expect.poll(() => classifier.load()).toEqual({ pending: 0, pendingBytes: 0 });
        });
      });

      it('leaves no memory behind when it is opened and closed again and again, and refuses pictures then', async () => {
        const before = process.memoryUsage.rss();
        for (let time = 0; time < openings; time++) {
          const classifier = await open(model);
          await scoresOf(classifier, given.slice(0, 8));
          await classifier[Symbol.asyncDispose]();
          await expect(classify(classifier)).rejects.toMatchObject({ code: 'ABORTED' });
        }
        expect(process.memoryUsage.rss() - before).toBeLessThan(mostLeft);
      });
    });
  });
}

/** The buffer is given away. */
const classify = (classifier: Classifier, signal?: AbortSignal) =>
  classifier.classifyPixels(aPicture.slice(), { top: 1, signal });

async function scoresOf(classifier: Classifier, those: readonly Uint8Array<ArrayBuffer>[]) {
  const answers = those.map((it) => classifier.classifyPixels(it.slice(), { top: 1, scores: true }));
  return (await Promise.all(answers)).map(({ scores }) => scores);
}
