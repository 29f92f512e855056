import { createHash } from 'node:crypto';
import { answersFor, asRookeryError, type Rollout, shadowFor } from '@rookery/contracts';
import type { Classification } from '@rookery/inference';
import type { Answer, HostedModel, LabelBy, ModelLease, RolloutMetrics, Versions } from '../hosted-model.ts';
import { isOfPictureAlone, isOfRequest } from '../whose-error.ts';
import { RolloutTally } from './rollout-tally.ts';
import { type Verdict, verdictOf } from './verdict.ts';

export interface RolloutRouteOptions {
  readonly rollout: Rollout;
  /** Warm; absent where there is none or it could not be loaded: the main version answers for it. */
  readonly canary: HostedModel | undefined;
  readonly shadow: HostedModel | undefined;
  /** Told once. */
  readonly onVerdict: (verdict: Verdict) => void;
}

/** Pictures that a shadow may be behind: it is there to be compared, not to be waited for. */
const shadowed = 16;

/** The versions beside the one that answers under an alias: which pictures they get, and how they do. */
export class RolloutRoute implements Versions {
  readonly tally = new RolloutTally();
  readonly #options: RolloutRouteOptions;
  #judged = false;
  #shadowing = 0;

  constructor(options: RolloutRouteOptions) {
    this.#options = options;
  }

  get models(): readonly HostedModel[] {
    const { canary, shadow } = this.#options;
    return [canary, shadow].filter((each) => each !== undefined);
  }

  /**
   * Labels a picture by the version that its bytes' hash falls to: the same picture always meets the same one, as long as shares stay. The
   * shadow, where the picture falls to it too, comes after the answer; only whether it agrees is kept.
   */
  async answer(
    stable: ModelLease,
    picture: Uint8Array<ArrayBuffer>,
    label: LabelBy,
    counts: RolloutMetrics,
  ): Promise<Answer> {
    const { rollout, canary } = this.#options;
    const key = createHash('sha256').update(picture).digest('hex');
    // It may have gone since the request began: nobody waits for what is closed.
    const answers = canary?.state === 'warm' && answersFor(key, rollout) === 'canary';
    const role = answers ? 'canary' : 'stable';
    using lease = answers ? await canary.use() : undefined;
    const { version } = (lease ?? stable).hosted.resolved;
    const beside = this.#shadowOf(key, version);
    // The bytes are given away.
    const copy = beside && picture.slice();
    try {
      const answer = await label(lease ?? stable, picture);
      this.tally[role].answered(answer.timings.inferMs);
      counts.rollout(role);
      if (beside && copy) void this.#compare(beside, copy, answer, counts);
      this.#judge();
      return lease ? { ...answer, version } : answer;
    } catch (thrown) {
      const { code } = asRookeryError(thrown);
      // The version has no part in a picture that cannot be read, nor in a caller who left.
      if (!isOfPictureAlone(code) && !isOfRequest(code)) {
        this.tally[role].fail();
        this.#judge();
      }
      throw thrown;
    }
  }

  #shadowOf(key: string, answering: string): HostedModel | undefined {
    const { rollout, canary, shadow } = this.#options;
    const wanted = shadowFor(key, rollout);
    if (wanted === undefined || wanted === answering || this.#shadowing >= shadowed) return undefined;
    return [shadow, canary].find((each) => each?.resolved.version === wanted);
  }

  async #compare(
    hosted: HostedModel,
    picture: Uint8Array<ArrayBuffer>,
    { predictions: [answered] }: Classification,
    counts: RolloutMetrics,
  ): Promise<void> {
    this.#shadowing++;
    try {
      using lease = await hosted.use();
      const { predictions } = await lease.classifier.classify(picture, { top: 1 });
      const same = predictions[0]?.label === answered?.label;
      this.tally.compare(same);
      counts.compared(same ? 'same' : 'other');
      this.#judge();
    } catch {
      counts.compared('failed');
    } finally {
      this.#shadowing--;
    }
  }

  #judge(): void {
    const { rollout, onVerdict } = this.#options;
    if (this.#judged || !rollout.rules || !rollout.canary) return;
    const verdict = verdictOf(this.tally, rollout.rules);
    if (!verdict) return;
    this.#judged = true;
    onVerdict(verdict);
  }
}
