import type { JobLedger } from '@rookery/jobs';
import { Feeder } from '@rookery/producer';
import type { Logger, Tracer } from '@rookery/telemetry';
import type { Config } from '../config.ts';
import { openQueuesOf, type Queues } from '../queues.ts';

/** A queue and what feeds it; nothing where the queue is in the memory of another process, whose feeder finds the job. */
export interface Feeding extends AsyncDisposable {
  readonly queues: Queues | undefined;
  readonly feeder: Feeder | undefined;
}

export async function startFeeding(
  config: Config,
  ledger: JobLedger,
  options: { feed: boolean; tracer: Tracer; log: Logger },
): Promise<Feeding> {
  if (!options.feed || config.queue.address === 'memory:')
    return { queues: undefined, feeder: undefined, [Symbol.asyncDispose]: async () => {} };
  const { tracer, log } = options;
  const queues = await openQueuesOf(config, { log });
  const feeder = new Feeder({ ledger, queue: queues.jobs, window: config.producer.window, tracer, log });
  feeder.start();
  return {
    queues,
    feeder,
    async [Symbol.asyncDispose]() {
      await feeder[Symbol.asyncDispose]();
      await queues[Symbol.asyncDispose]();
    },
  };
}
