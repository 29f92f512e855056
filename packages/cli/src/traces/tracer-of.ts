import { hostname } from 'node:os';
import process from 'node:process';
import { type Logger, type Metrics, noTracer, type Tracer, type TraceSampler } from '@rookery/telemetry';
import type { Config } from '../config.ts';
import { below, pairOf } from '../logs/otlp-values.ts';
import { version } from '../version.ts';

export interface TracerParts {
  /** As in the log. */
  readonly service: string;
  /** Where spans that were lost are counted. */
  readonly metrics?: Metrics | undefined;
  readonly log: Logger;
}

/** The tracer that the configuration asks for; without a collector nothing of OpenTelemetry is loaded. @throws {RookeryError} CONFIG_INVALID */
export async function tracerOf(config: Config, { service, metrics, log }: TracerParts): Promise<Tracer> {
  const { traces } = config;
  const url = addressOf(traces);
  if (url === undefined) return noTracer;
  const { createMetrics, openTracer, traceSamplers } = await import('@rookery/telemetry');
  // What other SDKs know and this one does not must not keep anything from working.
  let sampler: TraceSampler | undefined = traceSamplers.find((name) => name === traces.sampler);
  const ratio = Number(traces.samplerArg);
  const isRatio = ratio >= 0 && ratio <= 1;
  if (!sampler || !isRatio) {
    const given = { sampler: traces.sampler, samplerArg: traces.samplerArg };
    log.warn({ ...given, known: traceSamplers }, 'OTEL_TRACES_SAMPLER: not known here, every trace is kept');
    sampler = 'parentbased_always_on';
  }
  return openTracer({
    url,
    headers: Object.fromEntries(traces.headers.map((text) => pairOf(text, 'OTEL_EXPORTER_OTLP_HEADERS'))),
    sampler,
    ratio: isRatio ? ratio : 1,
    service: traces.service ?? service,
    version,
    resource: {
      'service.namespace': 'rookery',
      'service.instance.id': `${hostname()}-${process.pid}`,
      'host.name': hostname(),
      ...Object.fromEntries(traces.resource.map((text) => pairOf(text, 'OTEL_RESOURCE_ATTRIBUTES'))),
    },
    maxHeldSpans: traces.maxHeldSpans,
    gatherMs: traces.gatherMs,
    timeoutMs: traces.timeoutMs,
    metrics: metrics ?? createMetrics({ service, process: false }),
    log,
  });
}

function addressOf({ disabled, exporter, endpoint, tracesEndpoint }: Config['traces']): string | undefined {
  if (disabled || exporter !== 'otlp') return undefined;
  if (tracesEndpoint !== undefined) return below(tracesEndpoint, '', 'traces.tracesEndpoint');
  return endpoint === undefined ? undefined : below(endpoint, 'v1/traces', 'traces.endpoint');
}
