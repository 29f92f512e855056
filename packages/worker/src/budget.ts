import { RookeryError } from '@rookery/contracts';

/** A share of a budget, held until it is released. */
export interface Reservation extends Disposable {
  /** Gives back what turned out not to be needed. */
  shrink(amount: number): void;
  release(): void;
}

interface Waiter {
  readonly amount: number;
  readonly grant: (reservation: Reservation) => void;
}

/**
 * So much of something, handed out in the order of asking: bytes, places, turns. More than all of it counts as all of it, so whatever
 * is larger than the budget is let through alone.
 */
export class Budget {
  readonly #total: number;
  #free: number;
  readonly #waiting: Waiter[] = [];

  constructor(total: number) {
    this.#total = total;
    this.#free = total;
  }

  get held(): number {
    return this.#total - this.#free;
  }

  /** @throws {RookeryError} ABORTED */
  async acquire(amount: number, signal: AbortSignal): Promise<Reservation> {
    const wanted = Math.min(amount, this.#total);
    if (signal.aborted) throw new RookeryError('ABORTED');
    if (this.#waiting.length === 0 && this.#free >= wanted) return this.#take(wanted);
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(new RookeryError('ABORTED'));
        this.#serve();
      };
      const waiter: Waiter = {
        amount: wanted,
        grant: (reservation) => {
          signal.removeEventListener('abort', giveUp);
          resolve(reservation);
        },
      };
      this.#waiting.push(waiter);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  #take(amount: number): Reservation {
    this.#free -= amount;
    let held = amount;
    const shrink = (to: number): void => {
      if (to >= held) return;
      this.#free += held - to;
      held = to;
      this.#serve();
    };
    const release = (): void => shrink(0);
    return { shrink, release, [Symbol.dispose]: release };
  }

  #serve(): void {
    for (let next = this.#waiting[0]; next && next.amount <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift();
      next.grant(this.#take(next.amount));
    }
  }
}
