import { type ErrorCode, RookeryError } from '@rookery/contracts';
import type { Logger } from '@rookery/telemetry';
import { backoffMs, pause, retryMs } from './task/backoff.ts';

/** Failures in a row, whoever met them, from which on a store counts as down. */
const failuresUntilDown = 3;
const attemptsWhileUp = 6;
const firstPauseMs = 100;
const longestPauseMs = 5_000;

export interface StoreGuardOptions {
  /** For the log. */
  readonly location: string;
  readonly log: Logger;
  /** How long to go on asking a store that is down; without it, as long as it takes. */
  readonly giveUpAfterMs?: number;
  /** While this is true nothing is given up: whoever would take over could not write the result. */
  readonly hold?: () => boolean;
  readonly onDown?: () => void;
  /** A bucket that is not there may be made again, as our own will be; of pictures it is the answer. @default false */
  readonly awaitsBucket?: boolean;
}

/**
 * Asks a store again when it fails, with jitter, and knows whether it is down: the worker leases nothing then, keeps what it has, and
 * goes on as soon as any request comes through. Waiting requests are the probe.
 */
export class StoreGuard {
  readonly #options: StoreGuardOptions;
  #failures = 0;
  #downSince: number | undefined;
  #asleep = new Set<AbortController>();
  #waitingForUp: (() => void)[] = [];

  constructor(options: StoreGuardOptions) {
    this.#options = options;
  }

  get down(): boolean {
    return this.#downSince !== undefined;
  }

  /** Resolves when the store is not down, or when `wake` is called. */
  async whenUp(): Promise<void> {
    if (!this.down) return;
    await new Promise<void>((resolve) => this.#waitingForUp.push(resolve));
  }

  wake(): void {
    const waiting = this.#waitingForUp;
    this.#waitingForUp = [];
    for (const resolve of waiting) resolve();
  }

  /** @throws {RookeryError} whatever the store answers; STORE_UNAVAILABLE or STORE_FULL once it was asked long enough; ABORTED. */
  async run<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await ask();
        this.#answered();
        return answer;
      } catch (thrown) {
        if (!this.#isTrouble(thrown)) {
          if (thrown instanceof RookeryError && thrown.code !== 'ABORTED') this.#answered();
          throw thrown;
        }
        this.#failed(thrown);
        if (this.#givesUp(attempt)) throw thrown;
        await this.#sleep(retryMs(thrown.retryAfterMs, backoffMs(attempt, firstPauseMs, longestPauseMs)), signal);
      }
    }
  }

  #isTrouble(thrown: unknown): thrown is RookeryError {
    if (!(thrown instanceof RookeryError)) return false;
    // Credentials that have run out say nothing of an object: others may come.
    if (thrown.code === 'STORE_DENIED') return thrown.retryable;
    return troubles.includes(thrown.code) || (thrown.code === 'STORE_NOT_FOUND' && this.#options.awaitsBucket === true);
  }

  #givesUp(attempt: number): boolean {
    if (this.#downSince === undefined) return attempt >= attemptsWhileUp;
    if (this.#options.giveUpAfterMs === undefined || this.#options.hold?.()) return false;
    return Date.now() - this.#downSince > this.#options.giveUpAfterMs;
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#asleep.add(woken);
    try {
      await pause(ms, AbortSignal.any([signal, woken.signal]));
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      // The store answered somebody: do not all come at once.
      await pause(Math.random() * 200, signal);
    } finally {
      this.#asleep.delete(woken);
    }
  }

  #answered(): void {
    this.#failures = 0;
    if (this.#downSince === undefined) return;
    this.#options.log.info({ store: this.#options.location, downMs: Date.now() - this.#downSince }, 'store is back');
    this.#downSince = undefined;
    for (const sleeper of this.#asleep) sleeper.abort();
    this.wake();
  }

  #failed(err: RookeryError): void {
    this.#failures += 1;
    if (this.#failures < failuresUntilDown || this.#downSince !== undefined) return;
    this.#downSince = Date.now();
    this.#options.log.warn({ store: this.#options.location, err }, 'store is down: leasing nothing until it answers');
    this.#options.onDown?.();
  }
}

const troubles: readonly ErrorCode[] = ['STORE_UNAVAILABLE', 'STORE_FULL'];
