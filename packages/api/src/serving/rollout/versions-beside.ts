import type { Rollout } from '@rookery/contracts';
import { RolloutJudge, type RolloutVerdict } from '@rookery/models';
import type { Logger } from '@rookery/telemetry';
import type { ModelLease } from '../hosted-model.ts';
import type { ModelSource } from '../model-source.ts';
import type { WarmModels } from '../warm-models.ts';
import { RolloutRoute } from './rollout-route.ts';

export interface VersionsBesideOptions {
  readonly source: ModelSource;
  readonly models: WarmModels;
  /** Told once the alias is changed by its rules. */
  readonly onSettled: () => void;
  readonly log: Logger;
}

/** What stands beside the main version of a reference, warm and in use until it is disposed. */
export interface VersionsBeside extends Disposable {
  /** `undefined` where nothing does. */
  readonly route: RolloutRoute | undefined;
  /** Something could not be loaded: the main version answers for it. */
  readonly isMissing: boolean;
}

/** Warms what an alias names beside its main version. Never throws: what cannot be loaded is told, and missing. */
export async function versionsBeside(rollout: Rollout, options: VersionsBesideOptions): Promise<VersionsBeside> {
  const canary = await warm(rollout, rollout.canary, options);
  const shadow = await warm(rollout, rollout.shadow, options);
  const judge = new RolloutJudge(rollout, (verdict) => settle(rollout, verdict, options));
  const models = { canary: canary?.hosted, shadow: shadow?.hosted };
  return {
    route: canary || shadow ? new RolloutRoute({ rollout, ...models, judge }) : undefined,
    isMissing: (rollout.canary !== undefined && !canary) || (rollout.shadow !== undefined && !shadow),
    [Symbol.dispose]() {
      canary?.[Symbol.dispose]();
      shadow?.[Symbol.dispose]();
    },
  };
}

async function warm(
  { name, alias }: Rollout,
  beside: Rollout['canary'],
  { source, models, log }: VersionsBesideOptions,
): Promise<ModelLease | undefined> {
  if (!beside) return undefined;
  const model = `${name}@${beside.version}`;
  try {
    const lease = await models.open(await source.resolve(model), { beside: true }).use();
    lease.hosted.retired = false;
    return lease;
  } catch (err) {
    log.warn({ err, alias, model }, 'a version beside could not be loaded');
    return undefined;
  }
}

async function settle(
  rollout: Rollout,
  verdict: RolloutVerdict,
  { source, onSettled, log }: VersionsBesideOptions,
): Promise<void> {
  const { name, alias, canary } = rollout;
  const told = { alias: `${name}:${alias}`, model: `${name}@${canary?.version}`, reason: verdict.reason };
  try {
    if (await source.settle(rollout, verdict)) log.info(told, `a canary is ${verdict.what} by its rules`);
    onSettled();
  } catch (err) {
    log.error({ err, ...told }, `a canary was to be ${verdict.what} by its rules, and could not be`);
    throw err;
  }
}
