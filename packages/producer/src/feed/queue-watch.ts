import { asRookeryError } from '@rookery/contracts';
import type { TaskQueue } from '@rookery/queue';
import type { Logger, Metrics } from '@rookery/telemetry';
import { type NamedDepth, queueMetrics } from './queue-metrics.ts';

export interface QueueWatchOptions {
  readonly queues: readonly Pick<TaskQueue, 'name' | 'depth'>[];
  readonly metrics: Metrics;
  /** @default 10,000 */
  readonly stepMs?: number | undefined;
  readonly log: Logger;
}

/** Looks now and then how much is in the queues, for `rookery_queue_tasks`. What does not answer is left out until it does. */
export class QueueWatch implements AsyncDisposable {
  readonly #options: QueueWatchOptions;
  readonly #stepMs: number;
  readonly #stop = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #depths: readonly NamedDepth[] = [];
  #looking: Promise<void>;

  constructor(options: QueueWatchOptions) {
    this.#options = options;
    this.#stepMs = options.stepMs ?? 10_000;
    queueMetrics(options.metrics, () => this.#depths);
    this.#looking = this.#look();
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.#look());
    }, this.#stepMs).unref();
  }

  async #look(): Promise<void> {
    const { queues, log } = this.#options;
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(this.#stepMs)]);
    const looks = queues.map(async (queue): Promise<NamedDepth[]> => {
      try {
        return [{ name: queue.name, ...(await queue.depth(signal)) }];
      } catch (thrown) {
        if (!this.#stop.signal.aborted)
          log.debug({ queue: queue.name, err: asRookeryError(thrown) }, 'no depth is known');
        return [];
      }
    });
    this.#depths = (await Promise.all(looks)).flat();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#looking;
  }
}
