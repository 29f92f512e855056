import {
  type AnsweringRole,
  asRookeryError,
  canonicalJson,
  type Pin,
  type Rollout,
  shadowsFor,
} from '@rookery/contracts';
import type { Classification } from '@rookery/inference';
import type { RolloutJudge } from '@rookery/models';
import type { RolloutCounts } from '@rookery/telemetry';
import type { FetchedPicture } from '../picture/fetcher.ts';
import type { ShadowLane } from './shadow-lane.ts';
import type { ShadowModels } from './shadow-models.ts';

export interface BesideTaskOptions {
  readonly rollout: Rollout;
  readonly role: AnsweringRole;
  readonly pin: Pin;
  readonly judge: RolloutJudge;
  readonly models: ShadowModels;
  readonly lane: ShadowLane;
  readonly counts: RolloutCounts;
}

/** One picture under an alias, from before its bytes are given away to its answer. Disposed without one it is forgotten. */
export interface BesidePicture extends Disposable {
  answered(classification: Classification): void;
  failed(code: string): void;
}

/** What stands beside the version that a task names: its shadows, and who judges. Never throws, never to be waited for. */
export class BesideTask {
  readonly #options: BesideTaskOptions;

  constructor(options: BesideTaskOptions) {
    this.#options = options;
  }

  /** For a picture that no shadow may meet. */
  readonly judged: Pick<BesidePicture, 'answered' | 'failed'> = {
    answered: ({ timings }) => {
      const { role, judge, counts } = this.#options;
      judge.answered(role, timings);
      counts.answered(role);
    },
    failed: (code) => this.#options.judge.failed(this.#options.role, code),
  };

  begin(key: string, { bytes, isCut }: Pick<FetchedPicture, 'bytes' | 'isCut'>): BesidePicture {
    const { rollout, pin, lane, counts } = this.#options;
    const wanted = shadowsFor(key, rollout).filter((version) => version !== pin.model.version);
    const copies = wanted.flatMap((version) => {
      const place = lane.reserve(bytes.byteLength);
      if (place) return [{ version, place, picture: { bytes: bytes.slice(), isCut } }];
      counts.compared('skipped');
      return [];
    });
    return {
      answered: (classification) => {
        this.judged.answered(classification);
        const [first] = classification.predictions;
        for (const { version, place, picture } of copies)
          place.run((signal) => this.#compare(version, picture, first?.label, signal));
      },
      failed: this.judged.failed,
      [Symbol.dispose]: () => {
        for (const { place } of copies) place[Symbol.dispose]();
      },
    };
  }

  /** The version cannot be run at all: so many pictures wait. */
  unopened(code: string, pictures: number): void {
    for (let i = 0; i < pictures; i++) this.#options.judge.failed(this.#options.role, code);
  }

  /** Milliseconds. */
  async #compare(
    version: string,
    { bytes, isCut }: Pick<FetchedPicture, 'bytes' | 'isCut'>,
    answered: string | undefined,
    signal: AbortSignal,
  ): Promise<number> {
    const { models, pin, judge, counts } = this.#options;
    let startedAt = performance.now();
    try {
      const classifier = await models.open(version, pin);
      startedAt = performance.now();
      // A picture that was read only as far as one model sees is not what another one would see.
      if (!classifier || (isCut && !isSeenAlike(classifier.pin, pin))) {
        counts.compared('skipped');
        return 0;
      }
      const { predictions } = await classifier.classify(bytes, { top: 1, signal, isCut });
      const same = predictions[0]?.label === answered;
      counts.compared(same ? 'same' : 'other');
      judge.compared(version, same);
    } catch (thrown) {
      // A task needed its place, or the worker stops.
      const isGivenUp = asRookeryError(thrown).code === 'ABORTED' && signal.reason?.name !== 'TimeoutError';
      counts.compared(isGivenUp ? 'skipped' : 'failed');
    }
    return performance.now() - startedAt;
  }
}

const isSeenAlike = (one: Pin, other: Pin): boolean =>
  one.decode === other.decode && canonicalJson(one.preprocessing) === canonicalJson(other.preprocessing);
