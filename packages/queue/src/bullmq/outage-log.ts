import type { QueueLog } from '../queue-log.ts';

/** Says once that connections to one server are broken, however many there are. */
export class OutageLog {
  readonly #log: QueueLog | undefined;
  readonly #broken = new Set<object>();

  constructor(log: QueueLog | undefined) {
    this.#log = log;
  }

  broke(connection: object, err: Error): void {
    const isFirst = this.#broken.size === 0;
    this.#broken.add(connection);
    if (isFirst) this.#log?.warn({ err }, 'the connection to Redis is broken; reconnecting');
  }

  /** It is back, or nobody waits for it any more. */
  mended(connection: object): void {
    this.#broken.delete(connection);
  }
}
