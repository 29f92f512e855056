import { RookeryError } from '@rookery/contracts';

interface Waiter {
  readonly bytes: number;
  admit(): void;
  refuse(reason: unknown): void;
}

/** Lets pictures in, in the order in which they came, as long as there is room for them. One larger than all room comes in alone. */
export class Admission {
  readonly #waiters: Waiter[] = [];
  #pictures = 0;
  #bytes = 0;
  #closed = false;

  constructor(private readonly limits: { readonly pictures: number; readonly bytes: number }) {}

  get pictures(): number {
    return this.#pictures;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Resolves once the picture is in. @throws {RookeryError} ABORTED */
  enter(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#closed || signal?.aborted) return Promise.reject(new RookeryError('ABORTED', { cause: signal?.reason }));
    if (this.#waiters.length === 0 && this.#fits(bytes)) {
      this.#take(bytes);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        waiter.refuse(signal?.reason);
        this.#admit();
      };
      const waiter: Waiter = {
        bytes,
        admit: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
        refuse: (cause) => {
          signal?.removeEventListener('abort', abort);
          reject(new RookeryError('ABORTED', { cause }));
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiters.push(waiter);
    });
  }

  /** Refuses who waits, and whoever comes. */
  close(): void {
    this.#closed = true;
    for (const waiter of this.#waiters.splice(0)) waiter.refuse(undefined);
  }

  leave(bytes: number): void {
    this.#pictures--;
    this.#bytes -= bytes;
    this.#admit();
  }

  #admit(): void {
    for (let next = this.#waiters[0]; next && this.#fits(next.bytes); next = this.#waiters[0]) {
      this.#waiters.shift();
      this.#take(next.bytes);
      next.admit();
    }
  }

  #take(bytes: number): void {
    this.#pictures++;
    this.#bytes += bytes;
  }

  #fits(bytes: number): boolean {
    if (this.#pictures === 0) return true;
    return this.#pictures < this.limits.pictures && this.#bytes + bytes <= this.limits.bytes;
  }
}
