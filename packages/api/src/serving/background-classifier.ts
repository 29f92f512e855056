import { setMaxListeners } from 'node:events';
import { RookeryError } from '@rookery/contracts';
import type {
  Classification,
  Classifier,
  ClassifierLoad,
  ClassifierTuning,
  ClassifyOptions,
  GivenPixels,
} from '@rookery/inference';
import { Semaphore } from './semaphore.ts';

export interface BackgroundOptions {
  /** Pictures at the same time: enough to fill batches, few enough that a caller's picture is soon next. */
  readonly pictures: number;
  /** The warm classifier stays its owner's; this is told that nobody uses it here any more. */
  readonly release: () => void;
}

/** A warm classifier shared with work that nobody waits for: it takes a bounded part of the queue, so that callers are answered soon. */
export class BackgroundClassifier implements Classifier {
  readonly #inner: Classifier;
  readonly #slots: Semaphore;
  readonly #options: BackgroundOptions;
  readonly #closing = new AbortController();
  #pending = 0;
  #pendingBytes = 0;

  constructor(inner: Classifier, options: BackgroundOptions) {
    this.#inner = inner;
    this.#options = options;
    this.#slots = new Semaphore(options.pictures);
    // One for each picture that waits.
    setMaxListeners(0, this.#closing.signal);
  }

  get pin(): Classifier['pin'] {
    return this.#inner.pin;
  }

  get model(): Classifier['model'] {
    return this.#inner.model;
  }

  get labels(): readonly string[] {
    return this.#inner.labels;
  }

  get tuning(): ClassifierTuning {
    return this.#inner.tuning;
  }

  classify(picture: Uint8Array<ArrayBuffer>, options: ClassifyOptions): Promise<Classification> {
    return this.#inTurn(picture.byteLength, options, (own) => this.#inner.classify(picture, own));
  }

  classifyPixels(pixels: GivenPixels, options: ClassifyOptions): Promise<Classification> {
    return this.#inTurn(pixels.byteLength, options, (own) => this.#inner.classifyPixels(pixels, own));
  }

  load(): ClassifierLoad {
    return { pending: this.#pending, pendingBytes: this.#pendingBytes };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new RookeryError('ABORTED'));
    this.#options.release();
  }

  async #inTurn(
    bytes: number,
    options: ClassifyOptions,
    work: (options: ClassifyOptions) => Promise<Classification>,
  ): Promise<Classification> {
    const signal = options.signal ? AbortSignal.any([options.signal, this.#closing.signal]) : this.#closing.signal;
    this.#pending += 1;
    this.#pendingBytes += bytes;
    try {
      return await this.#slots.run(signal, () => work({ ...options, signal }));
    } finally {
      this.#pending -= 1;
      this.#pendingBytes -= bytes;
    }
  }
}
