import type { Pin } from '@rookery/contracts';
import { digestOf, RookeryError } from '@rookery/contracts';
import type { Classification, Classifier, ClassifyOptions } from '@rookery/inference';

export interface ConstantEngineOptions {
  /** Milliseconds a picture, one after the other; 0: at once; `forEver`: never. */
  readonly pictureMs?: number;
}

/** Longer than any test. */
export const forEver = 3_600_000;

/** Answers the same for every picture, after the same time: what is left is the service itself. */
export class ConstantEngine implements Classifier {
  readonly pin = { maxPixels: 50_000_000, model: { name: 'content', version: 'constant', variant: 'none' } } as Pin;
  readonly model = digestOf('constant');
  readonly labels = ['a', 'b', 'c'];
  readonly tuning = { threads: 1, batch: 8, source: 'default' } as const;
  readonly #pictureMs: number;
  readonly #waiting = new Set<() => void>();
  #last: Promise<void> = Promise.resolve();
  #closed = false;
  /** Pictures whose work was begun, and those given up before. */
  begun = 0;
  dropped = 0;

  constructor({ pictureMs = 0 }: ConstantEngineOptions = {}) {
    this.#pictureMs = pictureMs;
  }

  async classify(_picture: Uint8Array<ArrayBuffer>, { signal }: ClassifyOptions): Promise<Classification> {
    if (this.#closed) throw new RookeryError('ABORTED');
    if (this.#pictureMs > 0) await this.#turn(signal);
    return answer;
  }

  classifyPixels = (): never => {
    throw new RookeryError('NOT_IMPLEMENTED');
  };

  load = () => ({ pending: this.#waiting.size, pendingBytes: 0 });

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const giveUp of this.#waiting) giveUp();
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        if (!this.#waiting.delete(giveUp)) return;
        this.dropped += 1;
        reject(new RookeryError('ABORTED'));
      };
      this.#waiting.add(giveUp);
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#last = this.#last.then(async () => {
        if (!this.#waiting.has(giveUp)) return;
        this.begun += 1;
        await new Promise((next) => setTimeout(next, this.#pictureMs).unref());
        signal?.removeEventListener('abort', giveUp);
        if (this.#waiting.delete(giveUp)) resolve();
      });
    });
  }
}

const answer: Classification = {
  width: 10,
  height: 10,
  predictions: [{ label: 'a', index: 0, score: 1 }],
  timings: { queueMs: 0, decodeMs: 0, batchMs: 0, inferMs: 0, batchSize: 1, topKMs: 0 },
};
