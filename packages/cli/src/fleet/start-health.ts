import type { Metrics } from '@rookery/telemetry';
import { type HealthServer, startHealthServer } from '@rookery/worker';
import type { Config } from '../config.ts';

/** `/health` and `/metrics` on a port of their own, where one is configured: for probes and Prometheus, which have no key. */
export async function startHealth(
  { worker }: Config,
  { metrics, ready }: { readonly metrics: Metrics; readonly ready: () => boolean },
): Promise<HealthServer | undefined> {
  if (worker.healthPort === 0) return undefined;
  return startHealthServer({
    host: worker.healthHost,
    port: worker.healthPort,
    live: () => true,
    ready,
    metrics: () => metrics.render(),
  });
}
