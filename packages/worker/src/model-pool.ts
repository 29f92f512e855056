import { type Digest, type Pin, pinDigest, RookeryError, type ServingModel } from '@rookery/contracts';
import type { Classifier } from '@rookery/inference';
import type { Logger } from '@rookery/telemetry';
import type { Engine } from './engine.ts';

/** What the pool needs of a registry. */
export interface ModelSource {
  load(reference: string, options?: { variant?: string }): Promise<ServingModel>;
}

export interface ModelPoolOptions {
  readonly source: ModelSource;
  readonly engine: Engine;
  /** Warm at the same time. */
  readonly models: number;
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
  lastUsed: number;
  /** Others wait for its place: it takes no new users. */
  draining: boolean;
}

/** As it stands in the log, in metrics and in traces. */
export const nameOf = ({ model }: Pin): string => `${model.name}@${model.version}`;

/** The warm models of this worker, by the digest of their pin; at most so many at once. */
export class ModelPool implements AsyncDisposable {
  readonly #options: ModelPoolOptions;
  readonly #entries = new Map<Digest, Entry>();
  readonly #refused = new Set<Digest>();
  #changed: (() => void)[] = [];

  constructor(options: ModelPoolOptions) {
    this.#options = options;
  }

  /** Warm, or on the way there; most recently used first. */
  loaded(): readonly LoadedModel[] {
    return [...this.#entries.values()].sort((a, b) => b.lastUsed - a.lastUsed);
  }

  /** Loads by reference and keeps it, so that the first task finds it warm. */
  async warm(reference: string, signal: AbortSignal): Promise<Digest> {
    const model = await this.#options.source.load(reference);
    const pin = await this.#options.engine.pinOf(model);
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
      if (entry === undefined && this.#entries.size < this.#options.models) return this.#use(this.#open(pin, digest));
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

  /** The model itself, for whoever runs it elsewhere. @throws {RookeryError} PIN_UNAVAILABLE */
  async load(pin: Pin): Promise<ServingModel> {
    const { name, version, variant } = pin.model;
    let model: ServingModel;
    try {
      model = await this.#options.source.load(`${name}@${version}`, { variant });
    } catch (cause) {
      if (cause instanceof RookeryError && cause.retryable) throw cause;
      throw this.#unavailable(pin, `no ${name}@${version} (${variant}) in the registry`, cause);
    }
    // Like the limit of pixels, how much is decoded is for whoever makes the job to say.
    model = { ...model, decode: pin.decode };
    const ours = await this.#ours(model, pin);
    if (pinDigest(ours) === pinDigest(pin)) return model;
    const parts = Object.keys(pin) as (keyof Pin)[];
    const differing = parts.filter((part) => JSON.stringify(pin[part]) !== JSON.stringify(ours[part]));
    throw this.#unavailable(
      pin,
      `${differing.map((part) => `${part} is ${JSON.stringify(ours[part])} here`).join(', ')}`,
    );
  }

  async #ours(model: ServingModel, pin: Pin): Promise<Pin> {
    try {
      return await this.#options.engine.pinOf(model, pin);
    } catch (cause) {
      if (!(cause instanceof RookeryError) || cause.code !== 'ENGINE_UNAVAILABLE') throw cause;
      throw this.#unavailable(pin, cause.detail ?? cause.message, cause);
    }
  }

  #unavailable(pin: Pin, detail: string, cause?: unknown): RookeryError {
    const digest = pinDigest(pin);
    if (!this.#refused.has(digest)) {
      this.#refused.add(digest);
      this.#options.log.error(
        { pin: digest, model: nameOf(pin), err: cause },
        `cannot run what tasks ask for: ${detail}`,
      );
    }
    return new RookeryError('PIN_UNAVAILABLE', { detail, cause });
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

  #open(pin: Pin, digest: Digest): Entry {
    const { engine, log } = this.#options;
    const name = nameOf(pin);
    const { variant } = pin.model;
    const opened = this.load(pin).then(async (model) => {
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
      return { classifier, model };
    });
    const entry: Entry = { digest, name, variant, opened, users: 0, lastUsed: performance.now(), draining: false };
    this.#entries.set(digest, entry);
    opened.catch(() => {
      this.#entries.delete(digest);
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
    const { classifier } = await entry.opened;
    await classifier[Symbol.asyncDispose]();
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
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.allSettled(entries.map(async ({ opened }) => (await opened).classifier[Symbol.asyncDispose]()));
  }
}
