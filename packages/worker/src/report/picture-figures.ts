import type { ResultLine } from '@rookery/contracts';
import type { PictureTimings } from '@rookery/inference';
import { LatencyWindow, type TrackedRow } from '@rookery/telemetry';
import type { WorkerEvents } from './worker-metrics.ts';

const stages = ['fetch', 'wait', 'decode', 'batch', 'infer', 'write'] as const;
/** Of a confidence from 0 to 1. */
const bins = 20;
const edges = Array.from({ length: bins + 1 }, (_, at) => at / bins);
/** Classes that get a series of their own; those after them are `other`. */
const maxClasses = 50;

/** What became of pictures since figures were last taken, and in all. Per picture a few additions; memory does not grow. */
export class PictureFigures {
  readonly #stages = Object.fromEntries(stages.map((stage) => [stage, new LatencyWindow()])) as Record<
    (typeof stages)[number],
    LatencyWindow
  >;
  readonly #confidence = new Array<number>(bins).fill(0);
  readonly #classes = new Map<string, number>();
  readonly #known = new Set<string>();
  readonly #errors = new Map<string, number>();
  #labelled = 0;
  #failed = 0;
  #batches = 0;
  #batched = 0;
  #total = { labelled: 0, failed: 0 };

  /** Since the worker started, without those that have not been taken yet. */
  get total(): { readonly labelled: number; readonly failed: number } {
    return this.#total;
  }

  readonly events: Partial<WorkerEvents> = {
    picture: (error) => {
      if (error === undefined) this.#labelled++;
      else {
        this.#failed++;
        this.#errors.set(error, (this.#errors.get(error) ?? 0) + 1);
      }
    },
    fetched: (_bytes, seconds) => this.#stages.fetch.observe(seconds * 1_000),
    written: (seconds) => this.#stages.write.observe(seconds * 1_000),
    classified: ({ queueMs, decodeMs, batchMs, inferMs, batchSize }: PictureTimings) => {
      this.#stages.wait.observe(queueMs);
      this.#stages.decode.observe(decodeMs);
      this.#stages.batch.observe(batchMs);
      this.#stages.infer.observe(inferMs);
      // Each of a batch's pictures tells of it: they weigh as one.
      this.#batches += 1 / batchSize;
      this.#batched += 1;
    },
  };

  /** Lines that are durable. */
  lines(lines: readonly ResultLine[]): void {
    for (const { predictions } of lines) {
      const [best] = predictions;
      if (!best) continue;
      const bin = Math.min(bins - 1, Math.floor(best.score * bins));
      this.#confidence[bin] = (this.#confidence[bin] ?? 0) + 1;
      const name = this.#nameOf(best.label);
      this.#classes.set(name, (this.#classes.get(name) ?? 0) + 1);
    }
  }

  /** A row of the history for the time since the last one. */
  take(seconds: number): TrackedRow {
    const done = this.#labelled + this.#failed;
    this.#total = { labelled: this.#total.labelled + this.#labelled, failed: this.#total.failed + this.#failed };
    const row: Record<string, TrackedRow[string]> = {
      'pictures/labelled': this.#labelled,
      'pictures/failed': this.#failed,
      'pictures/total': this.#total.labelled + this.#total.failed,
      'pictures/per_second': done / seconds,
    };
    if (this.#batches > 0) row['batch/mean'] = this.#batched / this.#batches;
    for (const stage of stages) {
      const { p50, p95, p99 } = this.#stages[stage].take();
      if (p50 === undefined || p95 === undefined || p99 === undefined) continue;
      row[`stage/${stage}/p50_ms`] = p50;
      row[`stage/${stage}/p95_ms`] = p95;
      row[`stage/${stage}/p99_ms`] = p99;
    }
    for (const [code, count] of this.#errors) row[`errors/${code}`] = count;
    const classified = [...this.#classes.values()].reduce((sum, count) => sum + count, 0);
    for (const [name, count] of this.#classes) row[`class/${name}`] = count / classified;
    if (classified > 0) row.confidence = { edges, counts: [...this.#confidence] };
    this.#begin();
    return row;
  }

  #begin(): void {
    [this.#labelled, this.#failed, this.#batches, this.#batched] = [0, 0, 0, 0];
    this.#errors.clear();
    this.#classes.clear();
    this.#confidence.fill(0);
  }

  #nameOf(label: string): string {
    if (this.#known.has(label)) return label;
    if (this.#known.size >= maxClasses) return 'other';
    this.#known.add(label);
    return label;
  }
}
