import { Redis } from 'ioredis';
import { unavailable } from '../unavailable.ts';
import type { OutageLog } from './outage-log.ts';

export interface RedisLinkOptions {
  readonly url: string;
  /** What `CLIENT LIST` shows. */
  readonly connectionName?: string;
  /** After this long without an answer the call fails and the connection is torn down. */
  readonly callTimeoutMs: number;
  readonly outages: OutageLog;
}

/** Reconnecting never waits longer: Redis may be back in a moment, and a worker beside a full queue costs more than a knock. */
const longestReconnectMs = 1_000;
const refusals =
  /^(NOAUTH|WRONGPASS|NOPERM|ERR invalid password|ERR AUTH|ERR DB index|ERR invalid DB index|ERR SELECT)/;

/**
 * One connection to Redis that never leaves a caller waiting. A call fails at once when the connection breaks, waits for
 * a broken one to come back at most `callTimeoutMs`, and a server that has been silent for that long (stopped, paused, a
 * half-open connection) loses its socket, so that the next call gets a new one. Nothing is kept and sent again behind the
 * caller's back: a message that was refused does not arrive twice after an outage.
 */
export class RedisLink {
  readonly client: Redis;
  readonly #callTimeoutMs: number;
  readonly #outages: OutageLog;
  #closed = false;
  #lastError: Error | undefined;
  /** Calls that wait for a connection. */
  readonly #waiting = new Set<(failure?: Error) => void>();

  constructor({ url, connectionName, callTimeoutMs, outages }: RedisLinkOptions) {
    this.#callTimeoutMs = callTimeoutMs;
    this.#outages = outages;
    this.client = new Redis(url, {
      ...(connectionName !== undefined && { connectionName }),
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: Math.min(3_000, callTimeoutMs),
      socketTimeout: callTimeoutMs,
      disconnectTimeout: 200,
      keepAlive: 10_000,
      retryStrategy: (times) => Math.min(longestReconnectMs, 50 * 2 ** Math.min(times, 8)) * (0.75 + Math.random() / 4),
      // A primary that became a replica: the address leads to the new primary when it is asked again.
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
    });
    this.client.on('error', (error: Error) => {
      this.#lastError = error;
      if (!this.#closed) outages.broke(this, error);
    });
    this.client.on('ready', () => {
      outages.mended(this);
      this.#lastError = undefined;
      for (const end of this.#waiting) end();
    });
  }

  /** @throws {RookeryError} QUEUE_UNAVAILABLE where Redis does not answer within `withinMs`. */
  async connect(withinMs: number): Promise<void> {
    await this.call('connecting to Redis', () => this.client.ping(), withinMs);
  }

  /**
   * Runs one or more commands. Errors of the BullMQ scripts (a lock that is gone) pass through with their numeric code.
   *
   * @throws {RookeryError} QUEUE_UNAVAILABLE
   */
  async call<T>(what: string, run: () => Promise<T>, withinMs = this.#callTimeoutMs): Promise<T> {
    const endMs = performance.now() + withinMs;
    try {
      if (this.client.status !== 'ready') await this.#ready(withinMs);
      return await within(endMs - performance.now(), run());
    } catch (cause) {
      if (isScriptError(cause)) throw cause;
      const because = this.#lastError && !(this.client.status === 'ready') ? this.#lastError : cause;
      throw unavailable(what, because, !this.#closed && !refusals.test((because as Error).message));
    }
  }

  /** Lets go of the socket, also where the other side does not answer. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#outages.mended(this);
    for (const end of this.#waiting) end(closedError());
    const { client } = this;
    if (client.status === 'end') return;
    await new Promise<void>((resolve) => {
      client.once('end', resolve);
      client.disconnect();
      // A client between two attempts to connect has no socket whose end it could report.
      if (!client.stream || client.stream.destroyed) resolve();
    });
  }

  #ready(withinMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (failure?: Error): void => {
        clearTimeout(timer);
        this.#waiting.delete(end);
        if (failure === undefined) resolve();
        else reject(failure);
      };
      const timer = setTimeout(() => end(new Error('no connection')), withinMs);
      if (this.#closed) return end(closedError());
      this.#waiting.add(end);
      // The first attempt's failure is not the last word: reconnecting goes on.
      if (this.client.status === 'wait') this.client.connect().catch(() => undefined);
    });
  }
}

const closedError = (): Error => new Error('the connection was closed');

/** A BullMQ script refused: its code is a negative number. */
export const isScriptError = (thrown: unknown): thrown is Error & { code: number } =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'number' && thrown.code < 0;

function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${Math.round(ms)} ms`)), Math.max(1, ms));
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
