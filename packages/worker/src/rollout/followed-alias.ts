import { asRookeryError, type Rollout, type Task } from '@rookery/contracts';
import { type Registry, RolloutJudge, type RolloutVerdict, settleRollout } from '@rookery/models';
import type { Logger, RolloutCounts } from '@rookery/telemetry';
import type { ModelPool } from '../model/model-pool.ts';
import type { PinnedModels } from '../model/pinned-models.ts';
import { BesideTask } from './beside-task.ts';
import type { ShadowLane } from './shadow-lane.ts';
import { ShadowModels } from './shadow-models.ts';

export interface FollowedAliasOptions {
  /** Stays the caller's. */
  readonly registry: Pick<Registry, 'rollout' | 'changeAlias'>;
  /** Such as `birds:production`. */
  readonly reference: string;
  /** Another form than each manifest's default. */
  readonly variant?: string | undefined;
  readonly models: PinnedModels;
  readonly pool: ModelPool;
  /** Shared by all that a worker follows. */
  readonly lane: ShadowLane;
  readonly counts: RolloutCounts;
  readonly log: Logger;
}

interface Standing {
  readonly rollout: Rollout;
  readonly judge: RolloutJudge;
  readonly models: ShadowModels;
}

/** One alias: what stands beside its version, which shadows run, and whether its rules are kept. */
export class FollowedAlias {
  readonly #options: FollowedAliasOptions;
  #now: Standing | undefined;
  #looking: Promise<void> = Promise.resolve();
  #unknown = false;

  constructor(options: FollowedAliasOptions) {
    this.#options = options;
  }

  /** What the alias means; `undefined` while it is not known. */
  get standing(): Rollout | undefined {
    return this.#now?.rollout;
  }

  /** Asks now what the reference means. Never rejects. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#follow());
    return this.#looking;
  }

  /** `undefined` where a task names another model, or nothing stands beside the version that it names. */
  of({ pin }: Task): BesideTask | undefined {
    if (!this.#now) return undefined;
    const { rollout, judge, models } = this.#now;
    const { name, version } = pin.model;
    if (name !== rollout.name || (!rollout.canary && !rollout.shadow)) return undefined;
    const role = version === rollout.version ? 'stable' : version === rollout.canary?.version ? 'canary' : undefined;
    if (!role) return undefined;
    const { lane, counts } = this.#options;
    return new BesideTask({ rollout, role, pin, judge, models, lane, counts });
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
      void this.look();
    } catch (err) {
      log.error({ err, ...told }, `a canary was to be ${verdict.what} by its rules, and could not be`);
      throw err;
    }
  }
}
