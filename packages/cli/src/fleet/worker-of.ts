import type { ObjectStore } from '@rookery/storage';
import type { Logger, Metrics, Tracer } from '@rookery/telemetry';
import { localEngine, startWorker, type Worker, type WorkerOptions } from '@rookery/worker';
import type { Config } from '../config.ts';
import { engineOptions } from '../engines/engine-options.ts';
import { tuningFolder } from '../engines/pinned-as.ts';
import { driftRulesOf } from '../monitor/drift-rules.ts';
import type { Queues } from '../queues.ts';
import { trackOptionsOf } from '../tracking/track-options.ts';

export interface WorkerParts {
  readonly queues: Queues;
  readonly store: ObjectStore;
  readonly buckets: WorkerOptions['buckets'];
  readonly warm: readonly string[];
  readonly log: Logger;
  /** Where models come from. */
  readonly registry: WorkerOptions['registry'];
  /** The alias that events are labelled under. */
  readonly rollout: Pick<NonNullable<WorkerOptions['rollout']>, 'registry' | 'reference'>;
  /** What runs them. Default: an engine of its own. */
  readonly engine?: WorkerOptions['engine'];
  readonly metrics: Metrics;
  readonly tracer?: Tracer | undefined;
  readonly suspects?: WorkerOptions['suspects'];
  readonly onLines?: WorkerOptions['onLines'];
  readonly lifeSigns?: boolean;
  /** Where lines of metrics go, if the process has no other output there. */
  readonly output?: ((line: string) => unknown) | undefined;
}

/** A worker as the configuration wants it. */
export async function startWorkerOf(config: Config, parts: WorkerParts): Promise<Worker> {
  const { threads, batch, memoryBudget } = config.classify;
  const { worker, queue } = config;
  const { pollMs } = config.models;
  const { output, ...others } = parts;
  const embeds = worker.embed === 'on' || (worker.embed === 'auto' && worker.ecsMetadataUri !== undefined);
  return startWorker({
    ...others,
    rollout: { ...parts.rollout, variant: config.classify.variant, pollMs },
    embed: output && embeds ? { write: output, queue: queue.name } : undefined,
    engine:
      parts.engine ??
      localEngine({
        threads,
        batch,
        ...engineOptions(config),
        memoryBudgetBytes: memoryBudget,
        tuning: 'measure',
        tuningCache: tuningFolder(config),
        log: parts.log,
      }),
    isolation: { classifier: { threads, batch, ...engineOptions(config) } },
    limits: {
      leaseAhead: worker.leaseAhead,
      bytes: worker.maxHeldBytes,
      pictureBytes: worker.maxPictureBytes,
      models: worker.models,
      isolatedPictureMs: worker.isolationTimeoutMs,
    },
    tagEvents: worker.tagEvents,
    onRemoved: worker.onRemoved,
    track: await trackOptionsOf(config, parts.log),
    monitor: config.monitor.enabled ? driftRulesOf(config) : undefined,
    ecsAgentUri: worker.ecsAgentUri,
    health: worker.healthPort === 0 ? undefined : { host: worker.healthHost, port: worker.healthPort },
  });
}
