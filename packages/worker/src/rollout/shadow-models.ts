import { asRookeryError, type Pin, type Rollout, RookeryError } from '@rookery/contracts';
import type { Classifier } from '@rookery/inference';
import type { Logger } from '@rookery/telemetry';
import type { ModelPool } from '../model/model-pool.ts';
import type { PinnedModels } from '../model/pinned-models.ts';

/** Until a version that could not be loaded is tried again. */
const againMs = 60_000;

export interface ShadowModelsOptions {
  readonly rollout: Rollout;
  /** Another form than each manifest's default. */
  readonly variant: string | undefined;
  readonly models: PinnedModels;
  readonly pool: ModelPool;
  readonly log: Logger;
}

/** The versions that run beside one that answers: warm where the pool has a place for them. */
export class ShadowModels {
  readonly #options: ShadowModelsOptions;
  readonly #pins = new Map<string, Pin>();
  readonly #failed = new Map<string, number>();

  constructor(options: ShadowModelsOptions) {
    this.#options = options;
  }

  /**
   * A version run as the answering one is. `undefined` where models that tasks need leave no place.
   * @throws what it could not be loaded with, also for a while after.
   */
  async open(version: string, like: Pin): Promise<Classifier | undefined> {
    const { rollout, pool, log } = this.#options;
    const failedAt = this.#failed.get(version);
    if (failedAt !== undefined && performance.now() - failedAt < againMs)
      throw new RookeryError('PIN_UNAVAILABLE', { detail: 'it could not be loaded a moment ago' });
    const answering = [rollout.version, rollout.canary?.version].map((each) => `${rollout.name}@${each}`);
    try {
      return await pool.lend(await this.#pinOf(version, like), answering);
    } catch (err) {
      this.#failed.set(version, performance.now());
      log.warn({ err: asRookeryError(err), model: `${rollout.name}@${version}` }, 'a shadow could not be loaded');
      throw err;
    }
  }

  async #pinOf(version: string, like: Pin): Promise<Pin> {
    const { rollout, variant, models } = this.#options;
    const key = `${version} ${like.decode} ${like.maxPixels}`;
    const known = this.#pins.get(key);
    if (known) return known;
    const pin = await models.pinOf(`${rollout.name}@${version}`, { variant, like });
    this.#pins.set(key, pin);
    return pin;
  }
}
