import { fleetMetrics } from '@rookery/contracts';
import { embeddedMetrics } from '@rookery/telemetry';
import type { WorkerEvents } from './worker-metrics.ts';

export interface EmbedOptions {
  /** Where lines of metrics go: the standard output, which ECS hands to CloudWatch. */
  readonly write: (line: string) => unknown;
  /** Whose workers these are: the only dimension. */
  readonly queue: string;
  /** @default 60,000: what CloudWatch keeps them by */
  readonly intervalMs?: number | undefined;
}

/**
 * Tells CloudWatch the few figures of a worker that alarms and scaling ask for, a line a minute in the embedded metric format. Those of an idle
 * worker are 0; where no worker runs nobody tells any.
 */
export class ScalingFigures implements AsyncDisposable {
  readonly #options: EmbedOptions;
  readonly #timer: NodeJS.Timeout;
  #sinceMs = performance.now();
  #counts = { labelled: 0, failed: 0, tasks: 0, taskErrors: 0 };
  #busyMs = 0;

  constructor(options: EmbedOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tell(), options.intervalMs ?? 60_000).unref();
  }

  readonly events: Partial<WorkerEvents> = {
    picture: (error) => {
      this.#counts[error === undefined ? 'labelled' : 'failed']++;
    },
    task: (outcome) => {
      if (outcome === 'done') this.#counts.tasks++;
    },
    failed: () => {
      this.#counts.taskErrors++;
    },
    // Each of a batch's pictures tells of it: together they are the time of the batch.
    classified: ({ inferMs, batchSize }) => {
      this.#busyMs += inferMs / batchSize;
    },
  };

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#tell();
  }

  #tell(): void {
    const { write, queue } = this.#options;
    const { namespace, dimension, names } = fleetMetrics;
    const now = performance.now();
    const busy = Math.min(100, (100 * this.#busyMs) / Math.max(1, now - this.#sinceMs));
    const count = (value: number) => ({ unit: 'Count', value }) as const;
    const { labelled, failed, tasks, taskErrors } = this.#counts;
    const line = embeddedMetrics({
      namespace,
      dimensions: { [dimension]: queue },
      figures: {
        [names.labelled]: count(labelled),
        [names.failed]: count(failed),
        [names.tasks]: count(tasks),
        [names.taskErrors]: count(taskErrors),
        [names.engineBusy]: { unit: 'Percent', value: Math.round(busy * 10) / 10 },
      },
      at: Date.now(),
    });
    this.#sinceMs = now;
    this.#counts = { labelled: 0, failed: 0, tasks: 0, taskErrors: 0 };
    this.#busyMs = 0;
    write(line);
  }
}
