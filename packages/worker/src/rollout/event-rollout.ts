import { asRookeryError, type Rollout, type Task } from '@rookery/contracts';
import { parseReference, type Registry } from '@rookery/models';
import type { Logger, RolloutCounts } from '@rookery/telemetry';
import type { ModelPool } from '../model/model-pool.ts';
import type { PinnedModels } from '../model/pinned-models.ts';
import type { BesideTask } from './beside-task.ts';
import { FollowedAlias } from './followed-alias.ts';
import { ShadowLane } from './shadow-lane.ts';

/** The aliases that events are labelled under. */
export interface RolloutOptions {
  /** Stays the caller's. */
  readonly registry: Pick<Registry, 'rollout' | 'changeAlias' | 'show'>;
  /** What this worker labels with, such as `birds:production`. Other aliases are found by the versions that events name. */
  readonly reference: string;
  /** Another form than each manifest's default. */
  readonly variant?: string | undefined;
  /** How often is asked what references mean now. */
  readonly pollMs: number;
}

interface EventRolloutOptions extends RolloutOptions {
  readonly models: PinnedModels;
  readonly pool: ModelPool;
  readonly counts: RolloutCounts;
  readonly log: Logger;
}

/** Aliases besides its own that a worker follows, and versions that it has asked about. */
const mostOthers = 16;
const mostAsked = 1_000;

/**
 * What stands beside the versions that events are labelled with: it follows their aliases, lets shadows run, and keeps their rules on what
 * this worker sees. Of several workers the first that is sure moves the alias.
 */
export class EventRollout implements AsyncDisposable {
  readonly #options: EventRolloutOptions;
  readonly #lane = new ShadowLane();
  /** By `name:alias`; those of its own reference first. */
  readonly #followed = new Map<string, FollowedAlias>();
  /** When it was asked which aliases name a version. */
  readonly #asked = new Map<string, number>();
  readonly #own: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(options: EventRolloutOptions) {
    this.#options = options;
    const reference = parseReference(options.reference);
    // What is one version come what may has nothing beside it.
    if (reference.kind !== 'registry' || reference.version !== undefined) return;
    this.#own = `${reference.name}:${reference.alias ?? 'production'}`;
    this.#followed.set(this.#own, this.#alias(options.reference));
  }

  start(): void {
    this.#timer ??= setInterval(() => this.look(), this.#options.pollMs).unref();
    this.look();
  }

  /** What the aliases mean that are known. */
  get standings(): readonly Rollout[] {
    return [...this.#followed.values()].flatMap(({ standing }) => standing ?? []);
  }

  /** Asks now what the references mean. */
  look(): void {
    this.#asked.clear();
    this.#after(async () => {
      for (const [name, alias] of [...this.#followed]) {
        await alias.look();
        if (name !== this.#own && !standsBeside(alias.standing)) this.#followed.delete(name);
      }
    });
  }

  /** `undefined` where a task is a job's, or nothing is known to stand beside the version that it names. */
  of(task: Task): BesideTask | undefined {
    if (task.job !== undefined) return undefined;
    for (const alias of this.#followed.values()) {
      const beside = alias.of(task);
      if (beside) return beside;
    }
    this.#ask(task);
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([this.#working, this.#lane[Symbol.asyncDispose]()]);
  }

  /** Somebody labels events with a model that is not this worker's own: which aliases name it, and does anything stand beside them? */
  #ask({ pin }: Task): void {
    const { name, version } = pin.model;
    const own = this.#own === undefined ? undefined : this.#followed.get(this.#own)?.standing;
    const called = `${name}@${version}`;
    const now = performance.now();
    const askedAt = this.#asked.get(called) ?? Number.NEGATIVE_INFINITY;
    if ((own?.name === name && own.version === version) || now - askedAt < this.#options.pollMs) return;
    if (this.#asked.size >= mostAsked) this.#asked.clear();
    this.#asked.set(called, now);
    this.#after(() => this.#find(name, called));
  }

  async #find(name: string, called: string): Promise<void> {
    const { registry, log } = this.#options;
    try {
      for (const alias of (await registry.show(called)).aliases) {
        const reference = `${name}:${alias}`;
        if (this.#followed.has(reference) || this.#followed.size > mostOthers) continue;
        const followed = this.#alias(reference);
        await followed.look();
        if (standsBeside(followed.standing)) this.#followed.set(reference, followed);
      }
    } catch (err) {
      log.debug({ err: asRookeryError(err), model: called }, 'which aliases name a version is not known');
    }
  }

  #alias(reference: string): FollowedAlias {
    return new FollowedAlias({ ...this.#options, reference, lane: this.#lane });
  }

  #after(work: () => Promise<void>): void {
    this.#working = this.#working.then(work);
  }
}

const standsBeside = (rollout: Rollout | undefined): boolean =>
  rollout?.canary !== undefined || rollout?.shadow !== undefined;
