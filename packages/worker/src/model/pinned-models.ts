import { type Digest, type Pin, pinDigest, RookeryError, type ServingModel, type WorkerBeat } from '@rookery/contracts';
import type { Logger } from '@rookery/telemetry';
import type { Engine } from './engine.ts';

/** What a worker needs of a registry. */
export interface ModelSource {
  load(reference: string, options?: { variant?: string }): Promise<ServingModel>;
}

export interface PinnedModelsOptions {
  readonly source: ModelSource;
  readonly engine: Engine;
  readonly log: Logger;
}

/** Told of at a time, and so much of each reason: a sign of life stays small. */
const told = { refusals: 8, chars: 500 };

/** As it stands in the log, in metrics and in traces. */
export const nameOf = ({ model }: Pin): string => `${model.name}@${model.version}`;

/** Models as pins ask for them. */
export class PinnedModels {
  readonly #options: PinnedModelsOptions;
  /** Why, by pin; the latest last. */
  readonly #refused = new Map<Digest, string>();

  constructor(options: PinnedModelsOptions) {
    this.#options = options;
  }

  /** Pins that this worker could not run when it was last asked to. */
  refusals(): WorkerBeat['cannot'] {
    return [...this.#refused].slice(-told.refusals).map(([pin, why]) => ({ pin, why: why.slice(0, told.chars) }));
  }

  /** What a reference is pinned to here; decoded as another pin says, where there is one. @throws {RookeryError} MODEL_* */
  async pinOf(
    reference: string,
    options?: { readonly variant?: string | undefined; readonly like: Pin },
  ): Promise<Pin> {
    const { source, engine } = this.#options;
    const { variant, like } = options ?? {};
    const model = await source.load(reference, variant === undefined ? {} : { variant });
    return await engine.pinOf(like ? { ...model, decode: like.decode } : model, like);
  }

  /** The model of a pin. @throws {RookeryError} PIN_UNAVAILABLE where this worker cannot run exactly that. */
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
    if (pinDigest(ours) === pinDigest(pin)) {
      this.#refused.delete(pinDigest(pin));
      return model;
    }
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
    if (this.#refused.get(digest) !== detail) {
      this.#refused.delete(digest);
      this.#refused.set(digest, detail);
      this.#options.log.error(
        { pin: digest, model: nameOf(pin), err: cause },
        `cannot run what tasks ask for: ${detail}`,
      );
    }
    return new RookeryError('PIN_UNAVAILABLE', { detail, cause });
  }
}
