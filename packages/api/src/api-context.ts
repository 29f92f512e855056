import type { LatencyWindow, Logger, Metrics, Tracer } from '@rookery/telemetry';
import type { ApiMetrics } from './api-metrics.ts';
import type { Sessions } from './auth/sessions.ts';
import type { FleetSampler } from './fleet/fleet-sampler.ts';
import type { ApiLimits } from './limits.ts';
import type { RouteEntry } from './openapi/route-entry.ts';
import type { ApiOptions } from './options.ts';
import type { Admission } from './serving/admission.ts';

/** What plugins and routes are given: the options with their defaults, and what belongs to this one server. */
export interface ApiContext extends ApiOptions {
  readonly limits: ApiLimits;
  readonly top: number;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
  readonly counts: ApiMetrics;
  /** Of the pictures answered at once, since somebody last looked. Milliseconds. */
  readonly latency: LatencyWindow;
  readonly admission: Admission;
  /** Looks at queues and workers from the moment the server is ready. */
  readonly fleet: FleetSampler;
  /** Of pages; none where authentication is off. */
  readonly sessions: Sessions | undefined;
  /** Every documented route. Complete once the server is ready. */
  readonly entries: readonly RouteEntry[];
  /** Set while the service shuts down: it is not ready, and finishes what it has. */
  readonly draining: AbortSignal;
}
