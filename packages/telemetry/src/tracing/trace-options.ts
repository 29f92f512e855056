import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';

/** Which traces are kept, by the names of `OTEL_TRACES_SAMPLER`. */
export const traceSamplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type TraceSampler = (typeof traceSamplers)[number];

export interface TraceOptions {
  /** The whole address that spans are posted to, as protobuf over HTTP (OTLP). */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Default: `parentbased_always_on`. */
  readonly sampler?: TraceSampler | undefined;
  /** Share of traces that the samplers by ratio keep, from 0 to 1. Default: 1. */
  readonly ratio?: number | undefined;
  /** `service.name`: who speaks. */
  readonly service: string;
  readonly version: string;
  /** What else is said about the process: `deployment.environment.name` and so on. */
  readonly resource?: Readonly<Record<string, string>> | undefined;
  /** Spans held until the collector has them; what does not fit is dropped and counted. 2,048 where nothing is said. */
  readonly maxHeldSpans?: number | undefined;
  /** How long spans may wait for company. 1 s where nothing is said. */
  readonly gatherMs?: number | undefined;
  /** How long the collector may take for an answer, tries and pauses included. 10 s where nothing is said. */
  readonly timeoutMs?: number | undefined;
  /** How long the end of the program waits for the collector. 2 s where nothing is said. */
  readonly closeMs?: number | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
}
