import type { ResultLine, Task, WorkerBeat } from '@rookery/contracts';
import type { DriftRules } from '@rookery/monitor';
import type { TaskQueue } from '@rookery/queue';
import type { ObjectStore } from '@rookery/storage';
import type { Logger, Metrics, Tracer } from '@rookery/telemetry';
import type { IsolatedClassifierOptions } from './isolation/isolation-protocol.ts';
import type { Suspects } from './isolation/suspects.ts';
import type { WorkerLimits } from './limits.ts';
import type { Engine } from './model/engine.ts';
import type { ModelSource } from './model/pinned-models.ts';
import type { TrackOptions } from './report/run-recorder.ts';
import type { EmbedOptions } from './report/scaling-figures.ts';
import type { RolloutOptions } from './rollout/event-rollout.ts';

export interface WorkerOptions {
  /** Both stay the caller's, and open until the worker is done. */
  readonly queues: { readonly events: TaskQueue; readonly jobs: TaskQueue };
  /** Rookery's own prefix: jobs and labels. */
  readonly store: ObjectStore;
  /** Opens the buckets that pictures may be read from. @throws {RookeryError} BUCKET_REFUSED */
  readonly buckets: { open(bucket: string): ObjectStore };
  /** Where models come from: a registry. */
  readonly registry: ModelSource;
  /** What runs them. Default: this process, on all its cores. */
  readonly engine?: Engine | undefined;
  /** The alias that events are labelled under: its shadows run beside, and its rules are kept. Off where nothing is said. */
  readonly rollout?: RolloutOptions | undefined;
  /** References of models to load at once: the worker is ready when they are warm. */
  readonly warm?: readonly string[] | undefined;
  readonly limits?: Partial<WorkerLimits> | undefined;
  readonly isolation?:
    | {
        /** The module of the child process; a test's calls `serveIsolation` itself. */
        readonly childEntry?: URL | undefined;
        readonly classifier?: IsolatedClassifierOptions | undefined;
      }
    | undefined;
  /** For a queue that dies with this process. */
  readonly suspects?: Suspects | undefined;
  /** Also write the top label of an event's picture as object tags; jobs say so themselves. */
  readonly tagEvents?: boolean | undefined;
  /** What becomes of a label whose picture went away while it was labelled. Default: `delete`. */
  readonly onRemoved?: 'delete' | 'keep' | undefined;
  /** Told of lines once they are durable: for whoever shows them. */
  readonly onLines?: ((lines: readonly ResultLine[], task: Task) => void) | undefined;
  /** Writes windows of what its models answer into the store, and watches them for drift. Off where nothing is said. */
  readonly monitor?: DriftRules | undefined;
  /** A run of what it does, for whoever compares workers and models. */
  readonly track?: TrackOptions | undefined;
  /** Tells CloudWatch a few figures, where the worker's output goes there. */
  readonly embed?: EmbedOptions | undefined;
  /** Serves `/health/live`, `/health/ready` and `/metrics`; loopback unless a host is given. */
  readonly health?: { readonly host?: string | undefined; readonly port: number } | undefined;
  /** Also put signs of life into the store, for whoever looks at the fleet. */
  readonly lifeSigns?: boolean | undefined;
  /** Address of the ECS agent, where scale-in protection is to be held while busy. */
  readonly ecsAgentUri?: string | undefined;
  readonly metrics?: Metrics | undefined;
  /** Goes on with the traces that tasks come with. Off where nothing is said; it stays the caller's. */
  readonly tracer?: Tracer | undefined;
  readonly log?: Logger | undefined;
}

export interface StopOptions {
  /** How long what is in flight may go on. What is left then is handed back. */
  readonly graceMs: number;
}

/** A running worker. */
export interface Worker extends AsyncDisposable {
  /** The models that were asked for are warm and tasks are being leased. */
  readonly ready: boolean;
  /** Resolves when the models that were asked for are warm; rejects where one cannot be had. */
  readonly whenReady: Promise<void>;
  /** Where health and metrics are served. */
  readonly healthUrl: string | undefined;
  /** Tasks leased and not settled. */
  readonly inFlight: number;
  /** Looks up now what the alias of events means. */
  look(): void;
  /** A sign of life, for whoever runs it in the same process. */
  sign(): WorkerBeat;
  /** Leases nothing more, finishes what is in flight inside the grace period, hands the rest back at once. */
  stop(options?: StopOptions): Promise<void>;
  /** Resolves when the worker has stopped; rejects where it broke. */
  readonly done: Promise<void>;
}
