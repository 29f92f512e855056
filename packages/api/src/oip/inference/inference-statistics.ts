import type { PictureTimings } from '@rookery/inference';

/** So often, and so long altogether. Nanoseconds. */
export interface StatisticDuration {
  count: number;
  ns: number;
}

/** What happened to one version's requests over this protocol, in the protocol's own terms. */
export interface ModelStatistics {
  readonly name: string;
  readonly version: string;
  /** Of the last answer, in milliseconds since the epoch; 0 for none. */
  readonly last_inference: number;
  /** Pictures. */
  readonly inference_count: number;
  /** Batches, counting of each only the share that its pictures were. */
  readonly execution_count: number;
  readonly inference_stats: {
    /** Requests, from their pictures being known to their answers. */
    readonly success: StatisticDuration;
    readonly fail: StatisticDuration;
    /** Pictures: waiting for a decoder and for the engine. */
    readonly queue: StatisticDuration;
    /** Pictures: decoding and resizing. */
    readonly compute_input: StatisticDuration;
    /** Pictures: the batch they were in. */
    readonly compute_infer: StatisticDuration;
    /** Pictures: finding the best labels. */
    readonly compute_output: StatisticDuration;
  };
}

/** A request under way. Exactly one of them is called. */
export interface InferenceRecord {
  succeeded(pictures: readonly PictureTimings[]): void;
  failed(): void;
}

const kept = 1_000;

/** Counts what happens to each version's requests, for as long as the service runs. */
export class InferenceStatistics {
  readonly #models = new Map<string, Mutable>();

  begin(name: string, version: string): InferenceRecord {
    const key = `${name}@${version}`;
    const model = this.#models.get(key) ?? emptyOf(name, version);
    this.#models.delete(key);
    // Most recent last.
    this.#models.set(key, model);
    const [oldest] = this.#models.keys();
    if (this.#models.size > kept && oldest !== undefined) this.#models.delete(oldest);
    const startedAt = performance.now();
    const stats = model.inference_stats;
    return {
      succeeded(pictures) {
        add(stats.success, performance.now() - startedAt);
        model.last_inference = Date.now();
        model.inference_count += pictures.length;
        for (const { queueMs, batchMs, decodeMs, inferMs, topKMs, batchSize } of pictures) {
          model.batches += 1 / batchSize;
          add(stats.queue, queueMs + batchMs);
          add(stats.compute_input, decodeMs);
          add(stats.compute_infer, inferMs);
          add(stats.compute_output, topKMs);
        }
      },
      failed: () => add(stats.fail, performance.now() - startedAt),
    };
  }

  of(name: string, version: string): ModelStatistics {
    const { batches, ...model } = this.#models.get(`${name}@${version}`) ?? emptyOf(name, version);
    return { ...model, execution_count: Math.round(batches) };
  }
}

type Mutable = {
  -readonly [K in Exclude<keyof ModelStatistics, 'execution_count'>]: ModelStatistics[K];
} & { batches: number };

function emptyOf(name: string, version: string): Mutable {
  const none = (): StatisticDuration => ({ count: 0, ns: 0 });
  return {
    name,
    version,
    last_inference: 0,
    inference_count: 0,
    batches: 0,
    inference_stats: {
      success: none(),
      fail: none(),
      queue: none(),
      compute_input: none(),
      compute_infer: none(),
      compute_output: none(),
    },
  };
}

function add(duration: StatisticDuration, ms: number): void {
  duration.count += 1;
  duration.ns += Math.round(ms * 1e6);
}
