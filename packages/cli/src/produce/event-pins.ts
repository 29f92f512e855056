import { answersFor, asRookeryError, type Pin, type Rollout } from '@rookery/contracts';
import { parseReference, type Registry } from '@rookery/models';
import type { Logger } from '@rookery/telemetry';

interface Answering {
  readonly rollout: Rollout;
  readonly stable: Pin;
  readonly canary: Pin | undefined;
}

export interface EventPinsOptions {
  /** Stays the caller's. */
  readonly registry: Pick<Registry, 'rollout'>;
  /** What events are labelled with, such as `birds:production`. */
  readonly reference: string;
  /** What tasks for a reference are pinned to. */
  readonly pinOf: (reference: string) => Promise<Pin>;
  /** How often is asked what the reference means now. */
  readonly pollMs: number;
  readonly log: Logger;
}

/**
 * What events are labelled with: the version that the configured reference means, and its canary for the canary's share of keys. An alias that
 * moves is followed without a restart; while the registry does not answer, the last known version is used.
 */
export class EventPins implements AsyncDisposable {
  readonly #options: EventPinsOptions;
  readonly #timer: NodeJS.Timeout;
  #now: Answering;
  #looking: Promise<void> = Promise.resolve();

  private constructor(options: EventPinsOptions, now: Answering) {
    this.#options = options;
    this.#now = now;
    this.#timer = setInterval(() => this.look(), options.pollMs).unref();
  }

  /** @throws {RookeryError} MODEL_* where there is no such model */
  static async open(options: EventPinsOptions): Promise<EventPins> {
    return new EventPins(options, await read(options));
  }

  /** Asks now what the reference means. */
  look(): void {
    this.#looking = this.#looking.then(() => this.#look());
  }

  /** The same key always meets the same version, as long as shares stay. */
  pinFor(key: string): Pin {
    const { rollout, stable, canary } = this.#now;
    return canary && answersFor(key, rollout) === 'canary' ? canary : stable;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { reference, log } = this.#options;
    try {
      const next = await read(this.#options, this.#now);
      if (next === this.#now) return;
      this.#now = next;
      const { name, version, canary } = next.rollout;
      log.info({ model: `${name}@${version}`, canary: canary ?? null }, 'events are labelled with another version');
    } catch (err) {
      log.warn({ err: asRookeryError(err), model: reference }, 'what the model means now is not known');
    }
  }
}

async function read({ registry, reference, pinOf }: EventPinsOptions, before?: Answering): Promise<Answering> {
  const parsed = parseReference(reference);
  // A version never changes; a model that was given as a file is in no registry.
  const rollout =
    parsed.kind === 'registry' && parsed.version !== undefined
      ? { name: parsed.name, version: parsed.version }
      : await registry.rollout(reference);
  if (before && JSON.stringify(rollout) === JSON.stringify(before.rollout)) return before;
  const pinned = (version: string): Promise<Pin> => pinOf(`${rollout.name}@${version}`);
  return {
    rollout,
    stable: await pinned(rollout.version),
    canary: rollout.canary && (await pinned(rollout.canary.version)),
  };
}
