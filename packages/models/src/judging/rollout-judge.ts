import { type AnsweringRole, isOfPictureAlone, isOfRequest, type Rollout } from '@rookery/contracts';
import { RolloutTally } from './rollout-tally.ts';
import { type RolloutVerdict, verdictOf } from './verdict.ts';

/** Where the engine's time of a picture went. */
interface EngineTime {
  /** Milliseconds, of the batch that the picture was part of. */
  readonly inferMs: number;
  readonly batchSize: number;
}

/** Until a verdict that could not be carried out is given again. */
const againMs = 30_000;

/** Keeps the rules of one rollout, on what one process saw of it since it stands. */
export class RolloutJudge {
  readonly #rollout: Rollout;
  readonly #onVerdict: (verdict: RolloutVerdict) => Promise<void>;
  readonly #tally = new RolloutTally();
  #quietUntil = 0;

  /** @param onVerdict Told once; after a while again where it rejects. */
  constructor(rollout: Rollout, onVerdict: (verdict: RolloutVerdict) => Promise<void>) {
    this.#rollout = rollout;
    this.#onVerdict = onVerdict;
  }

  answered(role: AnsweringRole, { inferMs, batchSize }: EngineTime): void {
    // Its part of the batch: a canary with a small share has smaller batches.
    this.#tally[role].answered(inferMs / batchSize);
    this.#judge();
  }

  /** What is the picture's own fault, or of whoever asked, says nothing of the version. */
  failed(role: AnsweringRole, code: string): void {
    if (isOfPictureAlone(code) || isOfRequest(code)) return;
    this.#tally[role].fail();
    this.#judge();
  }

  /** A version also labelled a picture that another one answered. What is not the canary is no reason to judge it. */
  compared(version: string, same: boolean): void {
    if (version !== this.#rollout.canary?.version) return;
    this.#tally.compare(same);
    this.#judge();
  }

  #judge(): void {
    const { rules, canary } = this.#rollout;
    if (!rules || !canary || performance.now() < this.#quietUntil) return;
    const verdict = verdictOf(this.#tally, rules);
    if (!verdict) return;
    this.#quietUntil = Number.POSITIVE_INFINITY;
    this.#onVerdict(verdict).catch(() => {
      this.#quietUntil = performance.now() + againMs;
    });
  }
}
