import { RookeryError } from '@rookery/contracts';
import type { Refusal } from '../api-metrics.ts';

export interface AdmissionOptions {
  /** A picture that would wait longer is refused. */
  readonly waitMs: number;
  readonly pendingPictures: number;
  /** Encoded bytes of all requests. */
  readonly heldBytes: number;
  readonly onRefused: (reason: Refusal) => void;
  /** @default performance.now */
  readonly now?: (() => number) | undefined;
}

/** Before anything was measured. */
const firstGuessMs = 5;
/** So few may come whatever they are estimated to wait: large pictures are slow, not an overload. */
const alwaysPictures = 16;
/** Of work, for one sample. */
const sampleMs = 200;

/**
 * Decides whether there is room for more, from what was measured: pictures not yet answered, times the time that each takes while the
 * engine is busy. That is a picture's wait, so that an overloaded service answers at once that it is, and does the rest as fast as ever.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #now: () => number;
  #pending = 0;
  #heldBytes = 0;
  #perPictureMs = firstGuessMs;
  /** Of the sample under way. */
  #busyMs = 0;
  #answered = 0;
  #busySince = 0;
  #progressAt = 0;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Pictures taken and not yet answered. */
  get pending(): number {
    return this.#pending;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** What a picture that came now would wait for its turn. */
  get waitMs(): number {
    return this.#pending * this.#perPictureMs;
  }

  /** What was measured last. */
  get picturesPerSecond(): number {
    return 1000 / this.#perPictureMs;
  }

  /**
   * Before anything is read: whether a picture may come, that has to be answered within so many milliseconds.
   * @throws {RookeryError} OVERLOADED with the time after which it may be tried again.
   */
  check(withinMs = Number.POSITIVE_INFINITY): void {
    const { waitMs, pendingPictures, heldBytes } = this.#options;
    const wait = this.waitMs;
    if (this.#pending >= pendingPictures) this.#refuse('pending', wait);
    if (wait > waitMs && this.#pending >= alwaysPictures) this.#refuse('wait', wait - waitMs);
    if (wait > withinMs) this.#refuse('deadline', wait - withinMs);
    if (this.#heldBytes >= heldBytes) this.#refuse('memory', 1_000);
    if (this.#pending > 0 && this.#now() - this.#progressAt > Math.max(10 * waitMs, 10_000))
      this.#refuse('stalled', 5_000);
  }

  /** Bytes that are read now. @throws {RookeryError} OVERLOADED */
  hold(bytes: number): void {
    if (this.#heldBytes + bytes > this.#options.heldBytes && this.#heldBytes > 0) this.#refuse('memory', 1_000);
    this.#heldBytes += bytes;
  }

  release(bytes: number): void {
    this.#heldBytes -= bytes;
  }

  /** A picture goes to the classifier. To be called once: it has its answer, whatever that is. */
  enter(): (answered: boolean) => void {
    const now = this.#now();
    if (this.#pending++ === 0) {
      this.#busySince = now;
      this.#progressAt = now;
    }
    return (answered) => this.#leave(answered);
  }

  #leave(answered: boolean): void {
    const now = this.#now();
    this.#pending--;
    if (answered) {
      this.#answered++;
      this.#progressAt = now;
    }
    this.#busyMs += now - this.#busySince;
    this.#busySince = now;
    if (this.#busyMs < sampleMs || this.#answered === 0) return;
    this.#perPictureMs = 0.5 * this.#perPictureMs + 0.5 * (this.#busyMs / this.#answered);
    this.#busyMs = 0;
    this.#answered = 0;
  }

  #refuse(reason: Refusal, retryAfterMs: number): never {
    this.#options.onRefused(reason);
    throw withoutStack(() => new RookeryError('OVERLOADED', { retryAfterMs: Math.max(1_000, retryAfterMs) }));
  }
}

/** Where an overloaded service refuses is known, and finding it out would cost it more than all else about the refusal. */
function withoutStack<E extends Error>(make: () => E): E {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
