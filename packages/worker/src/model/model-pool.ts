import { type Digest, type Pin, pinDigest, RookeryError, type ServingModel } from '@rookery/contracts';
import type { Classifier } from '@rookery/inference';
import type { Logger } from '@rookery/telemetry';
import type { Engine } from './engine.ts';
import { nameOf, type PinnedModels } from './pinned-models.ts';

export interface ModelPoolOptions {
  readonly models: PinnedModels;
  readonly engine: Engine;
  /** Warm at the same time. */
  readonly places: number;
  readonly log: Logger;
}

/** A warm model, in use until it is released. */
export interface PooledModel extends Disposable {
  readonly classifier: Classifier;
  readonly model: ServingModel;
}

/** A model that is warm, or on the way there. */
export interface LoadedModel {
  /** `name@version`. */
  readonly name: string;
  readonly variant: string;
}

interface Entry extends LoadedModel {
  readonly digest: Digest;
  readonly opened: Promise<{ classifier: Classifier; model: ServingModel }>;
  users: number;
  /** By a task. */
  lastUsed: number;
  isWarm: boolean;
  /** Others wait for its place: it takes no new users. */
  draining: boolean;
}

/** A model that no task has used for so long may go for one that stands beside. */
const unusedForMs = 60_000;

/** The warm models of this worker, by the digest of their pin; at most so many at once. */
export class ModelPool implements AsyncDisposable {
  readonly #options: ModelPoolOptions;
  readonly #entries = new Map<Digest, Entry>();
  readonly #closing = new Set<Promise<void>>();
  #changed: (() => void)[] = [];
  #closed = false;

  constructor(options: ModelPoolOptions) {
    this.#options = options;
  }

  /** Warm, or on the way there; most recently used first. */
  loaded(): readonly LoadedModel[] {
    return [...this.#entries.values()].sort((a, b) => b.lastUsed - a.lastUsed);
  }

  /** Loads by reference and keeps it, so that the first task finds it warm. */
  async warm(reference: string, signal: AbortSignal): Promise<Digest> {
    const pin = await this.#options.models.pinOf(reference);
    using _ = await this.acquire(pin, 'wait', signal);
    return pinDigest(pin);
  }

  /**
   * The model that makes exactly the predictions of this pin. Where all places are taken by models in use, `refuse` throws at once,
   * since another worker may have it; `wait` lets the least used one drain and takes its place.
   * @throws {RookeryError} PIN_UNAVAILABLE, ENGINE_FAILED, ABORTED
   */
  async acquire(pin: Pin, whenFull: 'refuse' | 'wait', signal: AbortSignal): Promise<PooledModel> {
    const digest = pinDigest(pin);
    for (;;) {
      const entry = this.#entries.get(digest);
      if (entry && !entry.draining) return this.#use(entry);
      if (entry === undefined && this.#entries.size < this.#options.places) return this.#use(this.#open(pin, digest));
      const idle = entry === undefined ? this.#leastUsed((other) => other.users === 0) : undefined;
      if (idle) {
        await this.#close(idle);
        continue;
      }
      if (whenFull === 'refuse')
        throw new RookeryError('PIN_UNAVAILABLE', { detail: 'all places for models are taken' });
      const next = this.#leastUsed(() => true);
      if (next && ![...this.#entries.values()].some((other) => other.draining)) next.draining = true;
      await this.#change(signal);
    }
  }

  /**
   * The model of a pin for work beside tasks, which is in no task's way: it takes a place that is free, or that of a model which no task has
   * used for a minute and that is none of `keep`. A task that needs the place takes it, and what runs is rejected with ABORTED.
   * `undefined` where there is no place.
   * @throws {RookeryError} PIN_UNAVAILABLE, ENGINE_FAILED
   */
  async lend(pin: Pin, keep: readonly string[]): Promise<Classifier | undefined> {
    const digest = pinDigest(pin);
    for (;;) {
      const entry = this.#entries.get(digest);
      if (this.#closed || entry?.draining) return undefined;
      if (entry || this.#entries.size < this.#options.places)
        return (await (entry ?? this.#open(pin, digest, 0)).opened).classifier;
      const unused = this.#leastUsed(
        ({ users, lastUsed, name }) =>
          users === 0 && performance.now() - lastUsed > unusedForMs && !keep.includes(name),
      );
      if (!unused) return undefined;
      await this.#close(unused);
    }
  }

  async #use(entry: Entry): Promise<PooledModel> {
    entry.users += 1;
    const release = (): void => {
      entry.users -= 1;
      entry.lastUsed = performance.now();
      if (entry.users === 0) this.#notify();
    };
    try {
      const { classifier, model } = await entry.opened;
      return { classifier, model, [Symbol.dispose]: release };
    } catch (thrown) {
      release();
      throw thrown;
    }
  }

  /** @param lastUsed one that no task has used is the first to go. */
  #open(pin: Pin, digest: Digest, lastUsed = performance.now()): Entry {
    const { models, engine, log } = this.#options;
    const name = nameOf(pin);
    const { variant } = pin.model;
    const opened = models.load(pin).then(async (model) => {
      const startedAt = performance.now();
      const classifier = await engine.open(model, pin);
      const { threads, batch, source } = classifier.tuning;
      log.info(
        {
          model: name,
          variant,
          pin: digest,
          threads,
          batch,
          tuning: source,
          tookMs: Math.round(performance.now() - startedAt),
        },
        'model is warm',
      );
      entry.isWarm = true;
      return { classifier, model };
    });
    const entry: Entry = { digest, name, variant, opened, users: 0, lastUsed, isWarm: false, draining: false };
    this.#entries.set(digest, entry);
    opened.catch(() => {
      if (this.#entries.get(digest) === entry) this.#entries.delete(digest);
      this.#notify();
    });
    return entry;
  }

  #leastUsed(which: (entry: Entry) => boolean): Entry | undefined {
    return [...this.#entries.values()].filter(which).sort((a, b) => a.lastUsed - b.lastUsed)[0];
  }

  async #close(entry: Entry): Promise<void> {
    this.#entries.delete(entry.digest);
    this.#notify();
    const closed = entry.opened
      .then(
        ({ classifier }) => classifier[Symbol.asyncDispose](),
        () => undefined,
      )
      .finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
    // One that was lent may be on its way yet: no task waits for that.
    if (entry.isWarm) await closed;
    this.#options.log.info({ pin: entry.digest }, 'model unloaded to make room');
  }

  async #change(signal: AbortSignal): Promise<void> {
    const wake = (): void => this.#notify();
    signal.addEventListener('abort', wake, { once: true });
    await new Promise<void>((resolve) => this.#changed.push(resolve));
    signal.removeEventListener('abort', wake);
    if (signal.aborted) throw new RookeryError('ABORTED');
  }

  #notify(): void {
    const changed = this.#changed;
    this.#changed = [];
    for (const resolve of changed) resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.allSettled([
      ...entries.map(async ({ opened }) => (await opened).classifier[Symbol.asyncDispose]()),
      ...this.#closing,
    ]);
  }
}
