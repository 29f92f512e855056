import {
  asRookeryError,
  type Digest,
  type FleetFigures,
  type FleetWorker,
  type JobRefusal,
  type WorkerBeat,
} from '@rookery/contracts';
import { refusalsIn } from '@rookery/jobs';
import type { LatencyWindow, Logger } from '@rookery/telemetry';
import type { JobsParts } from '../jobs/jobs-parts.ts';
import { rateBetween, WorkerSigns, workerOf } from './worker-signs.ts';

export interface FleetSamplerOptions {
  readonly version: string;
  /** Of the pictures answered at once. Milliseconds. */
  readonly latency: LatencyWindow;
  /** Pictures that wait inside the service. */
  readonly pending: () => number;
  readonly jobs: Pick<JobsParts, 'queues' | 'store' | 'workers'> | undefined;
  /** Path of the queue's own dashboard. */
  readonly dashboard: string | null;
  /** @default 5,000 */
  readonly stepMs?: number | undefined;
  readonly log: Logger;
}

type Point = FleetFigures['series'][number];
type Queue = FleetFigures['queues'][number];

/** Ten minutes of steps of five seconds. */
const keptPoints = 120;
/** Signs of life are renewed every ten seconds at most. */
const signsMs = 10_000;
const shownReasons = 3;

/**
 * Figures of the service and its fleet, a point every few seconds, the last minutes of them in memory. Depths of queues that do not answer
 * are those of the step before.
 */
export class FleetSampler implements AsyncDisposable {
  readonly #options: FleetSamplerOptions;
  readonly #stepMs: number;
  readonly #signs: WorkerSigns | undefined;
  readonly #startedAt = new Date().toISOString();
  readonly #points: Point[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #stop = new AbortController();
  #beats: readonly WorkerBeat[] = [];
  #embedded: FleetWorker[] = [];
  #queues: Queue[] = [];
  #lookedAt = Number.NEGATIVE_INFINITY;
  #steppedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #stepping: Promise<void> = Promise.resolve();

  constructor(options: FleetSamplerOptions) {
    this.#options = options;
    this.#stepMs = options.stepMs ?? 5_000;
    this.#signs = options.jobs && new WorkerSigns(options.jobs.store, options.log);
  }

  start(): void {
    this.#stepping = this.#step();
    this.#timer = setInterval(() => {
      this.#stepping = this.#stepping.then(() => this.#step());
    }, this.#stepMs).unref();
  }

  /** `after`: only points behind this one. */
  figures(after?: string): FleetFigures {
    const { version, dashboard } = this.#options;
    return {
      at: new Date().toISOString(),
      startedAt: this.#startedAt,
      version,
      workers: [...this.#embedded, ...(this.#signs?.workers() ?? [])],
      queues: this.#queues,
      dashboard,
      stepMs: this.#stepMs,
      series: after === undefined ? [...this.#points] : this.#points.filter(({ at }) => at > after),
    };
  }

  /** What workers say of tasks with this pin, as of the last step; `null` where none of them refuses it. */
  refusal(pin: Digest): JobRefusal | null {
    const { workers, reasons } = refusalsIn([...this.#beats, ...(this.#signs?.beats() ?? [])], pin);
    if (reasons.size === 0) return null;
    const sorted = [...reasons].sort(([, a], [, b]) => b - a);
    const refusing = sorted.reduce((sum, [, each]) => sum + each, 0);
    return { workers, refusing, reasons: sorted.slice(0, shownReasons).map(([why]) => why) };
  }

  /** Tells of each new point. Calling what it returns ends it. */
  follow(tell: () => void): () => void {
    this.#listeners.add(tell);
    return () => void this.#listeners.delete(tell);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#stepping;
  }

  async #step(): Promise<void> {
    const { latency, pending, log } = this.#options;
    try {
      await Promise.all([this.#lookAtQueues(), this.#lookAtSigns()]);
    } catch (thrown) {
      if (this.#stop.signal.aborted) return;
      log.debug({ err: asRookeryError(thrown) }, 'the fleet could not be looked at');
    }
    const before = this.#beats;
    this.#beats = this.#options.jobs?.workers?.() ?? [];
    this.#embedded = this.#beats.map((beat) => {
      const perSecond = rateBetween(
        before.find(({ id }) => id === beat.id),
        beat,
      );
      return workerOf(beat, { kind: 'embedded', perSecond });
    });
    const now = performance.now();
    const { count, p50 = null, p95 = null } = latency.take();
    const atOnce = (count * 1_000) / Math.max(1, now - this.#steppedAt);
    this.#steppedAt = now;
    const { workers } = this.figures();
    this.#points.push({
      at: new Date().toISOString(),
      picturesPerSecond: (workers ?? []).reduce((sum, worker) => sum + (worker.picturesPerSecond ?? 0), atOnce),
      p50Ms: p50,
      p95Ms: p95,
      waiting: this.#queues.reduce((sum, { ready, delayed }) => sum + ready + delayed, pending()),
    });
    if (this.#points.length > keptPoints) this.#points.shift();
    for (const tell of this.#listeners) tell();
  }

  async #lookAtQueues(): Promise<void> {
    const { jobs } = this.#options;
    if (!jobs) return;
    const depths = [jobs.queues.events, jobs.queues.jobs].map(async (queue) => {
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(this.#stepMs)]);
      const { oldestMs = null, ...depth } = await queue.depth(signal);
      return { name: queue.name, ...depth, oldestMs };
    });
    this.#queues = await Promise.all(depths);
  }

  async #lookAtSigns(): Promise<void> {
    const now = performance.now();
    if (!this.#signs || now - this.#lookedAt < signsMs) return;
    this.#lookedAt = now;
    await this.#signs.look(AbortSignal.any([this.#stop.signal, AbortSignal.timeout(signsMs)]));
  }
}
