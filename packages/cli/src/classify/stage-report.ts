import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { StageTimes } from './picture.ts';

const stages = ['read', 'decode', 'wait', 'infer', 'topK'] as const;
type Stage = (typeof stages)[number];

export interface StageSummary {
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Of the work on all pictures; `null` for waiting, which is no work. */
  readonly share: number | null;
}

/** Where the time of all pictures went. Flat in memory: histograms of three significant digits. */
export class StageReport {
  readonly #started = performance.now();
  readonly #histograms = new Map<Stage, RecordableHistogram>(
    stages.map((stage) => [stage, createHistogram({ figures: 3 })]),
  );
  readonly #totalMs = new Map<Stage, number>();
  #pictures = 0;
  #failed = 0;
  #loadMs = 0;

  /** The classifier takes pictures from now on. */
  loaded(): void {
    this.#loadMs = performance.now() - this.#started;
  }

  labelled(times: StageTimes): void {
    this.#pictures += 1;
    for (const stage of stages) {
      this.#histograms.get(stage)?.record(Math.max(1, Math.round(times[stage] * 1000)));
      this.#totalMs.set(stage, (this.#totalMs.get(stage) ?? 0) + times[stage]);
    }
  }

  failed(): void {
    this.#failed += 1;
  }

  /** As `timings` in JSON. Milliseconds. */
  summary() {
    const totalMs = performance.now() - this.#started;
    const work = stages.reduce((sum, stage) => sum + (stage === 'wait' ? 0 : (this.#totalMs.get(stage) ?? 0)), 0);
    const summaries = stages.map((stage): [Stage, StageSummary] => [
      stage,
      {
        p50Ms: round((this.#histograms.get(stage)?.percentile(50) ?? 0) / 1000),
        p95Ms: round((this.#histograms.get(stage)?.percentile(95) ?? 0) / 1000),
        share: stage === 'wait' ? null : round((this.#totalMs.get(stage) ?? 0) / Math.max(work, 1e-9)),
      },
    ]);
    return {
      totalMs: round(totalMs),
      /** Until the model was loaded; reading goes on meanwhile. */
      loadMs: round(this.#loadMs),
      pictures: this.#pictures,
      failed: this.#failed,
      picturesPerSecond: round(((this.#pictures + this.#failed) / totalMs) * 1000),
      stages: Object.fromEntries(this.#pictures === 0 ? [] : summaries) as Partial<Record<Stage, StageSummary>>,
    };
  }
}

export type Timings = ReturnType<StageReport['summary']>;

const round = (value: number): number => Math.round(value * 1000) / 1000;
