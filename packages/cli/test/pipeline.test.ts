import { RookeryError } from '@rookery/contracts';
import type { Classification, Classifier } from '@rookery/inference';
import { describe, expect, it } from 'vitest';
import type { Outcome, Source } from '../src/classify/picture.ts';
import { classifyInOrder, type PipelineOptions } from '../src/classify/pipeline.ts';

/** Labels a picture by its first byte; what matters here is when it is asked, not what it answers. */
function aClassifier(classify: (first: number, bytes: Uint8Array) => Promise<void> = async () => {}) {
  const asked: number[] = [];
  const classifier: Pick<Classifier, 'classify'> = {
    async classify(bytes: Uint8Array<ArrayBuffer>): Promise<Classification> {
      const first = bytes[0] ?? 0;
      asked.push(first);
      await classify(first, bytes);
      return {
        width: 1,
        height: 1,
        predictions: [{ label: String(first), index: first, score: 1 }],
        timings: { queueMs: 0, decodeMs: 0, batchMs: 0, inferMs: 0, batchSize: 1, topKMs: 0 },
      };
    },
  };
  return { asked, classifier: classifier as Classifier };
}

const aSource = (first: number, size = 10, delayMs = 0): Source => ({
  name: `picture-${first}`,
  async read({ reserve }) {
    await reserve(size);
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    return new Uint8Array(size).fill(first, 0, 1);
  },
});

async function* these(...sources: readonly Source[]): AsyncGenerator<Source> {
  yield* sources;
}

const classify = (
  sources: AsyncIterable<Source>,
  classifier: Promise<Classifier>,
  options: Partial<PipelineOptions> = {},
) =>
  classifyInOrder(sources, {
    classifier,
    top: 1,
    signal: new AbortController().signal,
    maxBytesHeld: 1000,
    ...options,
  });

async function all(outcomes: AsyncIterable<Outcome>): Promise<Outcome[]> {
  const found: Outcome[] = [];
  for await (const outcome of outcomes) found.push(outcome);
  return found;
}

describe('the pipeline of a command', () => {
  it('gives outcomes in the order of the sources, whichever is done first', async () => {
    const { classifier } = aClassifier();
    const outcomes = await all(
      classify(these(aSource(1, 10, 30), aSource(2, 10, 10), aSource(3)), Promise.resolve(classifier)),
    );
    expect(outcomes.map(({ source }) => source)).toEqual(['picture-1', 'picture-2', 'picture-3']);
  });

  it('begins with the largest of what was read while the model was loading', async () => {
    const { classifier, asked } = aClassifier();
    const later = new Promise<Classifier>((resolve) => setTimeout(() => resolve(classifier), 30));
    await all(classify(these(aSource(1, 10), aSource(2, 300), aSource(3, 20)), later));
    expect(asked).toEqual([2, 3, 1]);
  });

  it('puts the error of a source in its place and labels its neighbours', async () => {
    const { classifier } = aClassifier(async (first) => {
      if (first === 2) throw new RookeryError('PICTURE_CORRUPT', { detail: 'inside' });
    });
    const gone: Source = { name: 'gone', read: () => Promise.reject(new RookeryError('SOURCE_NOT_FOUND')) };
    const outcomes = await all(classify(these(gone, aSource(2), aSource(3)), Promise.resolve(classifier)));
    expect(outcomes.map(({ error }) => error?.code)).toEqual(['SOURCE_NOT_FOUND', 'PICTURE_CORRUPT', undefined]);
    expect(outcomes[1]?.error?.message).toBe('the picture is damaged and cannot be decoded');
  });

  it('tries a picture again when the engine died, from fresh bytes', async () => {
    let failures = 2;
    const { classifier, asked } = aClassifier(async (_first, bytes) => {
      const { byteLength } = bytes;
      structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] });
      expect(byteLength).toBe(10);
      if (failures-- > 0) throw new RookeryError('ENGINE_FAILED');
    });
    const outcomes = await all(classify(these(aSource(1)), Promise.resolve(classifier)));
    expect(outcomes[0]?.error).toBeUndefined();
    expect(asked).toEqual([1, 1, 1]);
  });

  it('gives up with the error of the model where that cannot be opened', async () => {
    const broken = Promise.reject(new RookeryError('MODEL_CORRUPT'));
    await expect(all(classify(these(aSource(1), aSource(2)), broken))).rejects.toMatchObject({ code: 'MODEL_CORRUPT' });
  });

  it('gives up when it is told to', async () => {
    const controller = new AbortController();
    const { classifier } = aClassifier(async () => {
      controller.abort();
      controller.signal.throwIfAborted();
    });
    const outcomes = all(
      classify(these(aSource(1), aSource(2)), Promise.resolve(classifier), { signal: controller.signal }),
    );
    await expect(outcomes).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('gives up while the next source is waited for', async () => {
    const controller = new AbortController();
    const { classifier } = aClassifier();
    async function* endless(): AsyncGenerator<Source> {
      yield aSource(1);
      await new Promise(() => {});
    }
    const outcomes = classify(endless(), Promise.resolve(classifier), { signal: controller.signal });
    await outcomes.next();
    const next = outcomes.next();
    controller.abort();
    await expect(next).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('gives an outcome while the next source is still waited for', async () => {
    const { classifier } = aClassifier();
    async function* slow(): AsyncGenerator<Source> {
      yield aSource(1);
      await new Promise(() => {});
    }
    const outcomes = classify(slow(), Promise.resolve(classifier));
    expect((await outcomes.next()).value).toMatchObject({ source: 'picture-1' });
  });

  it('reads no further ahead than its window, and holds no more bytes than it may', async () => {
    const { classifier } = aClassifier();
    let given = 0;
    let held = 0;
    let mostHeld = 0;
    async function* many(): AsyncGenerator<Source> {
      for (given = 0; given < 1000; given += 1) {
        yield {
          name: String(given),
          async read({ reserve }) {
            await reserve(300);
            held += 300;
            mostHeld = Math.max(mostHeld, held);
            queueMicrotask(() => {
              held -= 300;
            });
            return new Uint8Array(300);
          },
        };
      }
    }
    const outcomes = classify(many(), Promise.resolve(classifier));
    await outcomes.next();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(given).toBeLessThan(300);
    expect((await all(outcomes)).length).toBe(999);
    expect(mostHeld).toBeLessThanOrEqual(1000);
  });
});
