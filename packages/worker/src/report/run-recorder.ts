import type { ResultLine } from '@rookery/contracts';
import type { QueueDepth, TaskQueue } from '@rookery/queue';
import type { Logger, RunDescription, TrackedRow, TrackedRun, Tracker } from '@rookery/telemetry';
import { PictureSampler } from '../picture/picture-sampler.ts';
import { PictureFigures } from './picture-figures.ts';

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

/** Tables are larger than rows: one a minute at most, and the last. */
const tableEveryMs = 60_000;
const depthPatienceMs = 2_000;

/** Gathers what a worker does and tells the tracker, a row an interval. Per picture a few additions; memory does not grow. */
export class RunRecorder implements AsyncDisposable {
  readonly #options: RunRecorderOptions;
  readonly #run: TrackedRun;
  readonly #startedMs = performance.now();
  readonly #figures = new PictureFigures();
  readonly #timer: NodeJS.Timeout;
  /** Asked for a sample of each picture, where samples are wanted. */
  readonly sampler: PictureSampler | undefined;
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

  readonly events = this.#figures.events;

  /** Lines that are durable. */
  lines(lines: readonly ResultLine[]): void {
    this.#figures.lines(lines);
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
    const { labelled, failed } = this.#figures.total;
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
    const row = {
      ...this.#figures.take(seconds),
      'memory/rss_mb': process.memoryUsage.rss() / 1e6,
      ...depths,
      ...this.#cost(),
    };
    if (now - this.#tabledMs >= tableEveryMs) this.#table(now);
    this.#run.log(row);
    this.#sayLoss();
  }

  #table(now: number): void {
    const rows = this.sampler?.take() ?? [];
    if (rows.length === 0) return;
    this.#tabledMs = now;
    this.#run.table('samples', { columns: PictureSampler.columns, rows });
  }

  #cost(): TrackedRow {
    const { usdPerHour } = this.#options;
    if (usdPerHour === undefined) return {};
    const usd = ((performance.now() - this.#startedMs) / 3_600_000) * usdPerHour;
    const { labelled, failed } = this.#figures.total;
    const pictures = labelled + failed;
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
