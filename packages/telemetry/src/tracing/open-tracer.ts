import type { TraceOptions } from './trace-options.ts';
import { noTracer, type Tracer } from './tracer.ts';

/** A tracer for a collector; without one nothing of OpenTelemetry is loaded. */
export async function openTracer(options: TraceOptions | undefined): Promise<Tracer> {
  if (options === undefined) return noTracer;
  const { otelTracer } = await import('./otel-tracer.ts');
  return otelTracer(options);
}
