import { setTimeout as sleep } from 'node:timers/promises';
import {
  SpanKind as Kinds,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { BoundedSpans } from './bounded-spans.ts';
import { samplerOf } from './sampler-of.ts';
import type { TraceOptions } from './trace-options.ts';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';
import type { Span, SpanAttributes, SpanOptions, Tracer } from './tracer.ts';

const kinds = {
  server: Kinds.SERVER,
  producer: Kinds.PRODUCER,
  consumer: Kinds.CONSUMER,
  internal: Kinds.INTERNAL,
} as const;

/** OpenTelemetry's own SDK and exporter behind our port. Nothing global is registered: two tracers in one process do not meet. */
export function otelTracer(options: TraceOptions): Tracer {
  const { url, headers, timeoutMs = 10_000, service, version, resource = {}, closeMs = 2_000 } = options;
  const exporter = new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: timeoutMs });
  const spans = new BoundedSpans(exporter, options);
  const provider = new BasicTracerProvider({
    sampler: samplerOf(options),
    resource: resourceFromAttributes({ 'service.name': service, 'service.version': version, ...resource }),
    spanProcessors: [spans],
  });
  const tracer = provider.getTracer('rookery', version);
  const start = (name: string, { kind = 'internal', parent, link, attributes = {} }: SpanOptions = {}): Span => {
    const from = parseTraceparent(parent);
    const linked = parseTraceparent(link);
    const made = tracer.startSpan(
      name,
      { kind: kinds[kind], attributes: known(attributes), ...(linked && { links: [{ context: linked }] }) },
      from ? trace.setSpanContext(ROOT_CONTEXT, from) : ROOT_CONTEXT,
    );
    return new RecordedSpan(made, (part, fromMs) =>
      tracer.startSpan(part, { startTime: fromMs }, trace.setSpan(ROOT_CONTEXT, made)),
    );
  };
  return {
    start,
    async [Symbol.asyncDispose]() {
      const patience = new AbortController();
      const patient = sleep(closeMs, undefined, { signal: patience.signal }).catch(() => {});
      await Promise.race([provider.shutdown().catch(() => {}), patient]);
      patience.abort();
      spans.close();
    },
  };
}

class RecordedSpan implements Span {
  readonly #span: OtelSpan;
  readonly #startPart: (name: string, fromMs: number) => OtelSpan;

  constructor(span: OtelSpan, startPart: (name: string, fromMs: number) => OtelSpan) {
    this.#span = span;
    this.#startPart = startPart;
  }

  get isRecording(): boolean {
    return this.#span.isRecording();
  }

  get traceId(): string {
    return this.#span.spanContext().traceId;
  }

  get traceparent(): string {
    return formatTraceparent(this.#span.spanContext());
  }

  set(attributes: SpanAttributes): void {
    this.#span.setAttributes(known(attributes));
  }

  event(name: string, attributes: SpanAttributes = {}): void {
    this.#span.addEvent(name, known(attributes));
  }

  part(name: string, fromMs: number, toMs: number, attributes: SpanAttributes = {}): void {
    // Also where the whole has ended meanwhile.
    if ((this.#span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    const part = this.#startPart(name, fromMs);
    part.setAttributes(known(attributes));
    part.end(toMs);
  }

  fail(code: string): void {
    this.#span.setAttribute('error.type', code);
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message: code });
  }

  end(): void {
    this.#span.end();
  }
}

const known = (attributes: SpanAttributes): Record<string, string | number | boolean> =>
  Object.fromEntries(
    Object.entries(attributes).filter((entry): entry is [string, string | number | boolean] => entry[1] !== undefined),
  );
