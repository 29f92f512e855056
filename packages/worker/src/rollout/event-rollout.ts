import { asRookeryError, type Rollout, type Task } from '@rookery/contracts';
import { parseReference, type Registry, RolloutJudge, type RolloutVerdict, settleRollout } from '@rookery/models';
import type { Logger, RolloutCounts } from '@rookery/telemetry';
import type { ModelPool } from '../model-pool.ts';
import type { PinnedModels } from '../pinned-models.ts';
import { BesideTask } from './beside-task.ts';
import { ShadowLane } from './shadow-lane.ts';
import { ShadowModels } from './shadow-models.ts';

/** The alias that events are labelled under. */
export interface RolloutOptions {
  /** Stays the caller's. */
  readonly registry: Pick<Registry, 'rollout' | 'changeAlias'>;
  /** What whoever turns events into tasks labels with, such as `birds:production`. */
  readonly reference: string;
  /** Another form than each manifest's default. */
  readonly variant?: string | undefined;
  /** How often is asked what the reference means now. */
  readonly pollMs: number;
}

interface EventRolloutOptions extends RolloutOptions {
  readonly models: PinnedModels;
  readonly pool: ModelPool;
  readonly counts: RolloutCounts;
  readonly log: Logger;
}

interface Standing {
  readonly rollout: Rollout;
  readonly judge: RolloutJudge;
  readonly models: ShadowModels;
}

/**
 * What stands beside the version that events are labelled with: it follows the alias, lets shadows run, and keeps its rules on what this
 * worker sees. Of several workers the first that is sure moves the alias.
 */
export class EventRollout implements AsyncDisposable {
  readonly #options: EventRolloutOptions;
  readonly #lane = new ShadowLane();
  #timer: NodeJS.Timeout | undefined;
  #now: Standing | undefined;
  #looking: Promise<void> = Promise.resolve();
  #unknown = false;

  constructor(options: EventRolloutOptions) {
    this.#options = options;
  }

  start(): void {
    const reference = parseReference(this.#options.reference);
    // What is one version come what may has nothing beside it.
    if (reference.kind !== 'registry' || reference.version !== undefined) return;
    this.#timer ??= setInterval(() => this.look(), this.#options.pollMs).unref();
    this.look();
  }

  /** What the alias means; `undefined` while it is not known. */
  get standing(): Rollout | undefined {
    return this.#now?.rollout;
  }

  /** `undefined` where a task is a job's, names another model, or nothing stands beside the version that it names. */
  of({ job, pin }: Task): BesideTask | undefined {
    if (job !== undefined || !this.#now) return undefined;
    const { rollout, judge, models } = this.#now;
    const { name, version } = pin.model;
    if (name !== rollout.name || (!rollout.canary && !rollout.shadow)) return undefined;
    const role = version === rollout.version ? 'stable' : version === rollout.canary?.version ? 'canary' : undefined;
    if (!role) return undefined;
    return new BesideTask({ rollout, role, pin, judge, models, lane: this.#lane, counts: this.#options.counts });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([this.#looking, this.#lane[Symbol.asyncDispose]()]);
  }

  /** Asks now what the reference means. */
  look(): void {
    this.#looking = this.#looking.then(() => this.#follow());
  }

  async #follow(): Promise<void> {
    const { registry, reference, variant, models, pool, log } = this.#options;
    try {
      const rollout = await registry.rollout(reference);
      this.#unknown = false;
      if (JSON.stringify(rollout) === JSON.stringify(this.#now?.rollout)) return;
      this.#now = {
        rollout,
        judge: new RolloutJudge(rollout, (verdict) => this.#settle(rollout, verdict)),
        models: new ShadowModels({ rollout, variant, models, pool, log }),
      };
    } catch (err) {
      // What was known goes on.
      if (!this.#unknown) log.warn({ err: asRookeryError(err), model: reference }, 'what stands beside is not known');
      this.#unknown = true;
    }
  }

  async #settle(rollout: Rollout, verdict: RolloutVerdict): Promise<void> {
    const { registry, log } = this.#options;
    const { name, alias, canary } = rollout;
    const told = { alias: `${name}:${alias}`, model: `${name}@${canary?.version}`, reason: verdict.reason };
    try {
      const settled = await settleRollout(registry, rollout, verdict);
      if (settled) log.info(told, `a canary is ${verdict.what} by its rules`);
      this.look();
    } catch (err) {
      log.error({ err, ...told }, `a canary was to be ${verdict.what} by its rules, and could not be`);
      throw err;
    }
  }
}
