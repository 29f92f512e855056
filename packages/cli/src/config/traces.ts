import { integer, list, optional, text, toggle } from './kinds.ts';
import { type Section, setting } from './setting.ts';

/** OpenTelemetry's own variables, as its SDKs read them. Off, and nothing of it loaded, where no endpoint is set. */
export const traces = {
  /** Nothing is sent by OTLP, neither traces nor logs. */
  disabled: setting(toggle, { env: ['OTEL_SDK_DISABLED'], default: false }),
  /** Of a collector, such as `http://collector:4318`: spans are sent to `/v1/traces` below it, as protobuf over HTTP. */
  endpoint: setting(optional(text), { env: ['OTEL_EXPORTER_OTLP_ENDPOINT'], default: undefined }),
  /** The same for traces alone: the whole address. */
  tracesEndpoint: setting(optional(text), { env: ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'], default: undefined }),
  /** `name=value`, separated by commas. */
  headers: setting(list, {
    env: ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS'],
    secret: true,
    default: [],
  }),
  /** `none` keeps traces from the collector though there is one. Others than `otlp` are not known, and nothing is sent. */
  exporter: setting(text, { env: ['OTEL_TRACES_EXPORTER'], default: 'otlp' }),
  /** Which traces are kept: `always_on`, `always_off`, `traceidratio`, or the same after `parentbased_`, which follow the caller. */
  sampler: setting(text, { env: ['OTEL_TRACES_SAMPLER'], default: 'parentbased_always_on' }),
  /** Of the samplers by ratio: the share of traces that is kept, from 0 to 1. */
  samplerArg: setting(text, { env: ['OTEL_TRACES_SAMPLER_ARG'], default: '1' }),
  /** Who speaks; unset: as in the log, `worker`, `serve`, `ingest`. */
  service: setting(optional(text), { env: ['OTEL_SERVICE_NAME'], default: undefined }),
  /** `name=value`, separated by commas: said of every span. */
  resource: setting(list, { env: ['OTEL_RESOURCE_ATTRIBUTES'], default: [] }),
  /** Spans held until the collector has them; what does not fit is dropped and counted. */
  maxHeldSpans: setting(integer(1, 1_000_000), { env: ['OTEL_BSP_MAX_QUEUE_SIZE'], default: 2_048 }),
  /** Milliseconds that spans may wait for company. */
  gatherMs: setting(integer(1, 600_000), { env: ['OTEL_BSP_SCHEDULE_DELAY'], default: 1_000 }),
  /** Milliseconds that the collector may take, tries and pauses included. */
  timeoutMs: setting(integer(1, 600_000), {
    env: ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT'],
    default: 10_000,
  }),
} satisfies Section;
