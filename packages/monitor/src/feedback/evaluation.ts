import { type ResultLine, wilsonInterval } from '@rookery/contracts';
import type { KnownLabel } from './read-feedback.ts';

/** Bins of equal width, as in C. Guo et al., On Calibration of Modern Neural Networks (2017). */
export const calibrationBins = 10;
/** Pairs that are told apart; later ones are only counted as wrong. */
const maxPairs = 10_000;

export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Means of the bin; null where it is empty. */
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

export interface Accuracy {
  readonly count: number;
  readonly correct: number;
  readonly accuracy: number | null;
  /** Wilson's 95 % interval. */
  readonly interval: readonly [number, number] | null;
}

export interface EvaluationReport extends Accuracy {
  /** The true label is among those that were kept of the picture. */
  readonly inTop: number;
  /** No line, another state of the picture, and pictures without labels: not counted above. */
  readonly missing: number;
  readonly changed: number;
  readonly failed: number;
  readonly calibration: readonly CalibrationBin[];
  /** Expected calibration error: the mean of |accuracy - confidence| over the bins, weighted by their counts. */
  readonly ece: number | null;
  /** What was taken for what, most often first. */
  readonly confusion: readonly { readonly truth: string; readonly answer: string; readonly count: number }[];
  /** By the day on which the label was told (UTC). */
  readonly days: readonly (Accuracy & { readonly day: string })[];
}

/** Joins true labels with lines; sums only. */
export class Evaluation {
  #count = 0;
  #correct = 0;
  #inTop = 0;
  #missing = 0;
  #changed = 0;
  #failed = 0;
  readonly #bins = Array.from({ length: calibrationBins }, () => ({ count: 0, confidence: 0, correct: 0 }));
  readonly #pairs = new Map<string, { truth: string; answer: string; count: number }>();
  readonly #days = new Map<string, { count: number; correct: number }>();

  missing(): void {
    this.#missing++;
  }

  add({ label: truth, etag, at }: KnownLabel, line: Pick<ResultLine, 'etag' | 'predictions'>): void {
    const [best] = line.predictions;
    if (etag !== undefined && line.etag !== null && etag !== line.etag) this.#changed++;
    else if (!best) this.#failed++;
    else {
      const correct = best.label === truth ? 1 : 0;
      this.#count++;
      this.#correct += correct;
      if (line.predictions.some(({ label }) => label === truth)) this.#inTop++;
      const bin = this.#bins[Math.min(calibrationBins - 1, Math.floor(best.score * calibrationBins))];
      if (bin) {
        bin.count++;
        bin.confidence += best.score;
        bin.correct += correct;
      }
      const day = at.toISOString().slice(0, 10);
      const known = this.#days.get(day) ?? { count: 0, correct: 0 };
      this.#days.set(day, { count: known.count + 1, correct: known.correct + correct });
      if (!correct) this.#confuse(truth, best.label);
    }
  }

  report(): EvaluationReport {
    const calibration = this.#bins.map(({ count, confidence, correct }, place) => ({
      from: place / calibrationBins,
      to: (place + 1) / calibrationBins,
      count,
      confidence: count === 0 ? null : confidence / count,
      accuracy: count === 0 ? null : correct / count,
    }));
    const apart = this.#bins.reduce((sum, { confidence, correct }) => sum + Math.abs(confidence - correct), 0);
    return {
      ...accuracyOf(this.#count, this.#correct),
      inTop: this.#inTop,
      missing: this.#missing,
      changed: this.#changed,
      failed: this.#failed,
      calibration,
      ece: this.#count === 0 ? null : apart / this.#count,
      confusion: [...this.#pairs.values()].sort((a, b) => b.count - a.count || (a.truth < b.truth ? -1 : 1)),
      days: [...this.#days]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([day, { count, correct }]) => ({ day, ...accuracyOf(count, correct) })),
    };
  }

  #confuse(truth: string, answer: string): void {
    const key = JSON.stringify([truth, answer]);
    const pair = this.#pairs.get(key);
    if (pair) pair.count++;
    else if (this.#pairs.size < maxPairs) this.#pairs.set(key, { truth, answer, count: 1 });
  }
}

export function accuracyOf(count: number, correct: number): Accuracy {
  const accuracy = count === 0 ? null : correct / count;
  return { count, correct, accuracy, interval: wilsonInterval(correct, count) ?? null };
}
