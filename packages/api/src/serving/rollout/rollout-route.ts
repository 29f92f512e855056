import { answersFor, asRookeryError, type Rollout, shadowsFor } from '@rookery/contracts';
import type { Classification } from '@rookery/inference';
import type { RolloutJudge } from '@rookery/models';
import type { RolloutCounts } from '@rookery/telemetry';
import type { HostedModel, LabelBy, ModelLease, Turn, TurnOptions, Versions } from '../hosted-model.ts';
import type { ResolvedSignature } from '../model-source.ts';
import { classifyServed, copyOf, type ServedPicture } from '../served-picture.ts';

export interface RolloutRouteOptions {
  readonly rollout: Rollout;
  /** Warm; absent where there is none or it could not be loaded: the main version answers for it. */
  readonly canary: HostedModel | undefined;
  readonly shadow: HostedModel | undefined;
  readonly judge: RolloutJudge;
}

/** Pictures that a shadow may be behind: it is there to be compared, not to be waited for. */
const shadowed = 16;

/** The versions beside the one that answers under an alias: which pictures they get, and how they do. */
export class RolloutRoute implements Versions {
  readonly #options: RolloutRouteOptions;
  #shadowing = 0;

  constructor(options: RolloutRouteOptions) {
    this.#options = options;
  }

  get models(): readonly HostedModel[] {
    const { canary, shadow } = this.#options;
    return [canary, shadow].filter((each) => each !== undefined);
  }

  /**
   * The version that answers for a key: for the same key always the same one, as long as shares stay. The shadow, where the key falls to
   * it too, comes after the answer; only whether it agrees is kept.
   */
  async turn(key: string, stable: ModelLease, { counts, pixels = false }: TurnOptions): Promise<Turn> {
    const { rollout, canary } = this.#options;
    const fits = ({ resolved }: HostedModel): boolean =>
      !pixels || isSameInput(resolved.signature, stable.hosted.resolved.signature);
    // It may have gone since the request began: nobody waits for what is closed.
    const answers = canary?.state === 'warm' && fits(canary) && answersFor(key, rollout) === 'canary';
    const lease = answers ? await canary.use() : undefined;
    const answering = lease ?? stable;
    const wanted = shadowsFor(key, rollout).filter((version) => version !== answering.hosted.resolved.version);
    const shadows = this.models.filter((each) => wanted.includes(each.resolved.version) && fits(each));
    return {
      lease: answering,
      label: (picture, label) => this.#label(picture, label, { answering, isCanary: answers, shadows, counts }),
      [Symbol.dispose]: () => lease?.[Symbol.dispose](),
    };
  }

  async #label(
    picture: ServedPicture,
    label: LabelBy,
    { answering, isCanary, shadows, counts }: Turned,
  ): Promise<Classification> {
    const { judge } = this.#options;
    const role = isCanary ? 'canary' : 'stable';
    // The bytes are given away.
    const copies = shadows.flatMap((hosted) => {
      if (this.#shadowing < shadowed) return [{ hosted, picture: copyOf(picture) }];
      counts.compared('skipped');
      return [];
    });
    try {
      const answer = await label(answering, picture);
      judge.answered(role, answer.timings);
      counts.answered(role);
      for (const copy of copies) void this.#compare(copy, answer, counts);
      return answer;
    } catch (thrown) {
      judge.failed(role, asRookeryError(thrown).code);
      throw thrown;
    }
  }

  async #compare(
    { hosted, picture }: { readonly hosted: HostedModel; readonly picture: ServedPicture },
    { predictions: [answered] }: Classification,
    counts: RolloutCounts,
  ): Promise<void> {
    this.#shadowing++;
    try {
      using lease = await hosted.use();
      const { predictions } = await classifyServed(lease.classifier, picture, { top: 1 });
      const same = predictions[0]?.label === answered?.label;
      counts.compared(same ? 'same' : 'other');
      this.#options.judge.compared(hosted.resolved.version, same);
    } catch {
      counts.compared('failed');
    } finally {
      this.#shadowing--;
    }
  }
}

interface Turned {
  readonly answering: ModelLease;
  readonly isCanary: boolean;
  readonly shadows: readonly HostedModel[];
  readonly counts: RolloutCounts;
}

/** Whether values for the input of one are values for the input of the other. */
const isSameInput = (one: ResolvedSignature, other: ResolvedSignature): boolean =>
  one.width === other.width && one.height === other.height;
