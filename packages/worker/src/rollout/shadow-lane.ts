import { setTimeout as sleep } from 'node:timers/promises';

/** Pictures that a shadow may be behind, and their encoded bytes: it is there to be compared, not to be waited for. */
const mostPictures = 16;
const mostBytes = 32 << 20;
/** A picture's time is followed by so many times its time of rest: a quarter of one picture's turn is what shadows take at most. */
const restFactor = 3;
/** One that takes longer has failed. */
const pictureMs = 30_000;

/** A place in the lane, held until the work is done or it is disposed without any. */
export interface LanePlace extends Disposable {
  /** @param work resolves to the milliseconds that it took. Must not throw. */
  run(work: (signal: AbortSignal) => Promise<number>): void;
}

/** Work beside what tasks wait for: one after the other, with pauses, and never more waiting than so much. */
export class ShadowLane implements AsyncDisposable {
  readonly #closing = new AbortController();
  #pictures = 0;
  #bytes = 0;
  #last: Promise<void> = Promise.resolve();

  /** `undefined` where it is too far behind. */
  reserve(bytes: number): LanePlace | undefined {
    if (this.#pictures >= mostPictures || this.#bytes + bytes > mostBytes || this.#closing.signal.aborted)
      return undefined;
    this.#pictures++;
    this.#bytes += bytes;
    let held = true;
    const free = (): void => {
      if (!held) return;
      held = false;
      this.#pictures--;
      this.#bytes -= bytes;
    };
    let runs = false;
    return {
      run: (work) => {
        runs = true;
        this.#last = this.#last.then(() => this.#run(work)).finally(free);
      },
      [Symbol.dispose]: () => {
        if (!runs) free();
      },
    };
  }

  async #run(work: (signal: AbortSignal) => Promise<number>): Promise<void> {
    const { signal } = this.#closing;
    if (signal.aborted) return;
    const tookMs = await work(AbortSignal.any([signal, AbortSignal.timeout(pictureMs)]));
    await sleep(tookMs * restFactor, undefined, { ref: false, signal }).catch(() => undefined);
  }

  /** What waits is dropped, what runs is given up. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#last;
  }
}
