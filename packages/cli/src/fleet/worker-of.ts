import { join } from 'node:path';
import { openRegistry } from '@rookery/models';
import type { ObjectStore } from '@rookery/storage';
import type { Logger } from '@rookery/telemetry';
import { createMetrics } from '@rookery/telemetry';
import { localEngine, startWorker, type Worker, type WorkerOptions } from '@rookery/worker';
import type { Config } from '../config.ts';
import type { Queues } from '../queues.ts';

export interface WorkerParts {
  readonly queues: Queues;
  readonly store: ObjectStore;
  readonly buckets: WorkerOptions['buckets'];
  readonly warm: readonly string[];
  readonly log: Logger;
  readonly suspects?: WorkerOptions['suspects'];
  readonly onLines?: WorkerOptions['onLines'];
  readonly lifeSigns?: boolean;
}

/** A worker as the configuration wants it. */
export function startWorkerOf(config: Config, parts: WorkerParts): Promise<Worker> {
  const { threads, batch, device, memoryBudget } = config.classify;
  const { worker } = config;
  const { folder } = config.models;
  return startWorker({
    ...parts,
    registry: openRegistry({ folder }),
    engine: localEngine({
      threads,
      batch,
      device,
      memoryBudgetBytes: memoryBudget,
      tuning: 'measure',
      tuningCache: join(folder, '.tuning'),
      log: parts.log,
    }),
    isolation: { classifier: { threads, batch, device } },
    limits: {
      leaseAhead: worker.leaseAhead,
      bytes: worker.maxHeldBytes,
      pictureBytes: worker.maxPictureBytes,
      models: worker.models,
      isolatedPictureMs: worker.isolationTimeoutMs,
    },
    tagEvents: worker.tagEvents,
    onRemoved: worker.onRemoved,
    ecsAgentUri: worker.ecsAgentUri,
    health: worker.healthPort === 0 ? undefined : { host: worker.healthHost, port: worker.healthPort },
    metrics: createMetrics({ service: 'worker' }),
  });
}
