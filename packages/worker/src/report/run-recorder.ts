import type { ResultLine } from '@rookery/contracts';
import type { PictureTimings } from '@rookery/inference';
import type { QueueDepth, TaskQueue } from '@rookery/queue';
import {
  LatencyWindow,
  type Logger,
  type RunDescription,
  type TrackedRow,
  type TrackedRun,
  type Tracker,
} from '@rookery/telemetry';
import { PictureSampler } from '../picture/picture-sampler.ts';
import type { WorkerEvents } from './worker-metrics.ts';

export interface TrackOptions {
  readonly tracker: Tracker;
  readonly run: RunDescription;
  /** Of a row of the history. Milliseconds. */
  readonly intervalMs: number;
  /** Pictures of each table that are kept with their labels; 0: no tables. */
  readonly samples: number;
  /** What an hour of this worker costs. */
  readonly usdPerHour?: number | undefined;
}

interface RunRecorderOptions extends TrackOptions {
  readonly queues: Readonly<Record<'events' | 'jobs', Pick<TaskQueue, 'depth'>>>;
  readonly log: Logger;
  /** Rows that did not arrive. */
  readonly onLost: (rows: number) => void;
}

const stages = ['fetch', 'wait', 'decode', 'batch', 'infer', 'write'] as const;
/** Of a confidence from 0 to 1. */
const bins = 20;
const edges = Array.from({ length: bins + 1 }, (_, at) => at / bins);
/** Classes that get a series of their own; those after them are `other`. */
const maxClasses = 50;
/** Tables are larger than rows: one a minute at most, and the last. */
const tableEveryMs = 60_000;
const depthPatienceMs = 2_000;

/** Gathers what a worker does and tells the tracker, a row an interval. Per picture a few additions; memory does not grow. */
export class RunRecorder implements AsyncDisposable {
  readonly #options: RunRecorderOptions;
  readonly #run: TrackedRun;
  readonly #startedMs = performance.now();
  readonly #stages = Object.fromEntries(stages.map((stage) => [stage, new LatencyWindow()])) as Record<
    (typeof stages)[number],
    LatencyWindow
  >;
  readonly #confidence = new Array<number>(bins).fill(0);
  readonly #classes = new Map<string, number>();
  readonly #known = new Set<string>();
  readonly #errors = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  /** Asked for a sample of each picture, where samples are wanted. */
  readonly sampler: PictureSampler | undefined;
  #labelled = 0;
  #failed = 0;
  #batches = 0;
  #batched = 0;
  #total = { labelled: 0, failed: 0 };
  #tabledMs = Number.NEGATIVE_INFINITY;
  #lastMs = this.#startedMs;
  #told = 0;
  #lost = 0;
  #telling: Promise<void> | undefined;
  #broken = false;

  constructor(options: RunRecorderOptions) {
    this.#options = options;
    this.#run = options.tracker.start(options.run);
    this.sampler = options.samples > 0 ? new PictureSampler(options.samples) : undefined;
    this.#timer = setInterval(() => {
      // A queue that is slow to say its depth makes rows rarer, not more of them at once.
      this.#telling ??= this.#tell()
        .catch((err: unknown) => options.log.debug({ err }, 'a row of figures could not be told'))
        .finally(() => {
          this.#telling = undefined;
        });
    }, options.intervalMs).unref();
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

  /** The worker ended otherwise than it was told to. */
  broke(): void {
    this.#broken = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#telling;
    await this.sampler?.settled();
    this.#tabledMs = Number.NEGATIVE_INFINITY;
    await this.#tell();
    const seconds = (performance.now() - this.#startedMs) / 1_000;
    const { labelled, failed } = this.#total;
    await this.#run.finish(
      {
        'summary/pictures': labelled + failed,
        'summary/failed': failed,
        'summary/seconds': seconds,
        'summary/pictures_per_second': (labelled + failed) / seconds,
        ...this.#cost(),
      },
      { failed: this.#broken },
    );
    this.#sayLoss();
  }

  async #tell(): Promise<void> {
    const depths = await this.#depths();
    const now = performance.now();
    const seconds = Math.max(0.001, (now - this.#lastMs) / 1_000);
    this.#lastMs = now;
    const done = this.#labelled + this.#failed;
    this.#total = { labelled: this.#total.labelled + this.#labelled, failed: this.#total.failed + this.#failed };
    const row: Record<string, TrackedRow[string]> = {
      'pictures/labelled': this.#labelled,
      'pictures/failed': this.#failed,
      'pictures/total': this.#total.labelled + this.#total.failed,
      'pictures/per_second': done / seconds,
      'memory/rss_mb': process.memoryUsage.rss() / 1e6,
      ...depths,
      ...this.#cost(),
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
    if (now - this.#tabledMs >= tableEveryMs) this.#table(now);
    this.#run.log(row);
    this.#begin();
    this.#sayLoss();
  }

  #table(now: number): void {
    const rows = this.sampler?.take() ?? [];
    if (rows.length === 0) return;
    this.#tabledMs = now;
    this.#run.table('samples', { columns: PictureSampler.columns, rows });
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

  #cost(): TrackedRow {
    const { usdPerHour } = this.#options;
    if (usdPerHour === undefined) return {};
    const usd = ((performance.now() - this.#startedMs) / 3_600_000) * usdPerHour;
    const pictures = this.#total.labelled + this.#total.failed;
    return { 'cost/usd': usd, ...(pictures > 0 && { 'cost/usd_per_million': (usd / pictures) * 1e6 }) };
  }

  /** A queue that does not answer leaves its figures out. */
  async #depths(): Promise<TrackedRow> {
    const row: Record<string, number> = {};
    const signal = AbortSignal.timeout(depthPatienceMs);
    const ask = async (name: 'events' | 'jobs'): Promise<void> => {
      const depth: QueueDepth | undefined = await this.#options.queues[name].depth(signal).catch(() => undefined);
      if (!depth) return;
      row[`queue/${name}/waiting`] = depth.ready + depth.delayed;
      row[`queue/${name}/leased`] = depth.leased;
      row[`queue/${name}/dead`] = depth.dead;
    };
    await Promise.all([ask('events'), ask('jobs')]);
    return row;
  }

  /** Once for each new reason, and whenever more was lost. */
  #sayLoss(): void {
    const { dropped, reason } = this.#run.loss;
    if (dropped > this.#lost) this.#options.onLost(dropped - this.#lost);
    this.#lost = Math.max(this.#lost, dropped);
    if (dropped > this.#told || (reason !== undefined && this.#told === 0 && dropped === 0))
      this.#options.log.warn({ dropped, reason }, 'tracking: not everything has arrived');
    this.#told = Math.max(this.#told, dropped, reason === undefined ? 0 : 1);
  }
}
