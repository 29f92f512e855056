import { randomBytes } from 'node:crypto';
import { asRookeryError, fleetLayout, type WorkerBeat } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import { hostLabel, LatencyWindow, type Logger } from '@rookery/telemetry';
import type { WorkerEvents } from './worker-metrics.ts';

export interface LifeSignsOptions {
  readonly store: ObjectStore;
  readonly state: () => WorkerBeat['state'];
  /** Warm now, as `name@version`. */
  readonly models: () => readonly string[];
  /** Whether what its models answer still looks like their references; `null` where nobody watches. */
  readonly drift: () => WorkerBeat['drift'];
  /** Pins that it had to refuse, and why. */
  readonly cannot: () => WorkerBeat['cannot'];
  readonly log: Logger;
}

/** While pictures come. Milliseconds. */
const busyMs = 10_000;
/** While nothing changes: enough to be told from one that is gone. */
const idleMs = 60_000;
const lastWordMs = 5_000;
/** A sign that was not renewed for so long is that of a worker that was killed: it goes with the next worker that starts. */
const staleMs = 24 * 3_600_000;

/**
 * What a worker tells of itself to whoever looks at the fleet: one small object, overwritten, at most every ten seconds. A thousand
 * puts cost $0.005 on S3: $1.30 a month for a worker that is always busy.
 */
export class LifeSigns implements AsyncDisposable {
  readonly #options: LifeSignsOptions;
  readonly #id = `${hostLabel()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  readonly #startedAt = new Date().toISOString();
  readonly #startedMs = performance.now();
  readonly #latency = new LatencyWindow();
  #pictures = 0;
  #timer: NodeJS.Timeout | undefined;
  #putting: Promise<unknown> = Promise.resolve();
  #told: { at: number; what: string } | undefined;

  constructor(options: LifeSignsOptions) {
    this.#options = options;
  }

  readonly events: Partial<WorkerEvents> = {
    picture: () => {
      this.#pictures++;
    },
    classified: ({ queueMs, decodeMs, batchMs, inferMs }) =>
      this.#latency.observe(queueMs + decodeMs + batchMs + inferMs),
  };

  /** As of now; percentiles are those since it was last asked. */
  sign(): WorkerBeat {
    const { p50 = null, p95 = null } = this.#latency.take();
    return {
      v: 1,
      id: this.#id,
      startedAt: this.#startedAt,
      uptimeMs: Math.round(performance.now() - this.#startedMs),
      state: this.#options.state(),
      model: this.#options.models()[0] ?? null,
      pictures: this.#pictures,
      p50Ms: p50,
      p95Ms: p95,
      drift: this.#options.drift(),
      cannot: this.#options.cannot(),
    };
  }

  /** Puts them into the store from now on. */
  start(): void {
    this.#timer ??= setInterval(() => this.#tell(), busyMs).unref();
    this.#putting = this.#sweep().catch((err: unknown) => this.#untold(err));
    this.#tell();
  }

  /** Takes them away: a worker that has stopped is not one that is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    await this.#putting;
    await this.#options.store
      .delete([fleetLayout.worker(this.#id)], AbortSignal.timeout(lastWordMs))
      .catch((err: unknown) => this.#untold(err));
  }

  #tell(): void {
    const { state, models, drift, cannot } = this.#options;
    const what = JSON.stringify([state(), models()[0], this.#pictures, drift(), cannot()]);
    const now = performance.now();
    if (this.#told?.what === what && now - this.#told.at < idleMs) return;
    // One at a time: while the store stands still nothing piles up.
    const put = this.#putting.then(async () => {
      await this.#options.store.put(fleetLayout.worker(this.#id), JSON.stringify(this.sign()), {
        contentType: 'application/json',
        signal: AbortSignal.timeout(busyMs),
      });
      this.#told = { at: now, what };
    });
    this.#putting = put.catch((err: unknown) => this.#untold(err));
  }

  /** What killed workers left would otherwise grow for ever. A living worker's that goes by mistake (the clock was set) is back within a minute. */
  async #sweep(): Promise<void> {
    const { store } = this.#options;
    const signal = AbortSignal.timeout(busyMs);
    for await (const page of store.list(fleetLayout.root, { signal })) {
      const stale = page.filter(({ lastModified }) => Date.now() - lastModified.getTime() > staleMs);
      if (stale.length > 0)
        await store.delete(
          stale.map(({ key }) => key),
          signal,
        );
    }
  }

  #untold(err: unknown): void {
    this.#options.log.debug({ err: asRookeryError(err) }, 'a sign of life could not be put');
  }
}
