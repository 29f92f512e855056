import type { Delivery } from '@rookery/queue';
import type { Logger } from '@rookery/telemetry';

export interface LeaseKeeperOptions {
  readonly leaseMs: number;
  readonly log: Logger;
  readonly onLost: () => void;
}

/** Keeps the leases of everything in progress on one queue, so that a slow batch is not done twice. */
export class LeaseKeeper implements Disposable {
  readonly #held = new Set<Delivery>();
  readonly #options: LeaseKeeperOptions;
  readonly #timer: NodeJS.Timeout;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#extendAll(), options.leaseMs / 3).unref();
  }

  get size(): number {
    return this.#held.size;
  }

  hold(delivery: Delivery): Disposable {
    this.#held.add(delivery);
    return { [Symbol.dispose]: () => void this.#held.delete(delivery) };
  }

  /** A lost lease is not an error here: the other worker writes the same bytes under the same name. */
  async #extendAll(): Promise<void> {
    await Promise.all(
      [...this.#held].map(async (delivery) => {
        try {
          await delivery.extend();
        } catch (err) {
          // Settled meanwhile: nothing was lost.
          if (!this.#held.delete(delivery)) return;
          this.#options.onLost();
          this.#options.log.warn({ err }, 'lease lost: the task may be done by another worker too');
        }
      }),
    );
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#held.clear();
  }
}
