import { type Fields, readMessage } from './protobuf.ts';

export interface ReceivedSpan {
  readonly name: string;
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty where it begins a trace. */
  readonly parentSpanId: string;
  readonly kind: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[];
  /** Trace ids. */
  readonly links: readonly string[];
  readonly failed: boolean;
}

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];

/** The spans of an `ExportTraceServiceRequest`; numbers of fields are those of opentelemetry-proto 1. */
export function readSpans(body: Uint8Array): ReceivedSpan[] {
  return messages(readMessage(body), 1).flatMap((ofResource) => {
    const [resource] = messages(ofResource, 1);
    const service = String(attributesIn(resource, 1)['service.name']);
    return messages(ofResource, 2)
      .flatMap((ofScope) => messages(ofScope, 2))
      .map((span) => ({
        name: text(span, 5),
        service,
        traceId: hex(span, 1),
        spanId: hex(span, 2),
        parentSpanId: hex(span, 4),
        kind: kinds[Number(number(span, 6))] ?? 'unknown',
        startMs: Number(number(span, 7)) / 1e6,
        endMs: Number(number(span, 8)) / 1e6,
        attributes: attributesIn(span, 9),
        events: messages(span, 11).map((event) => ({ name: text(event, 2), attributes: attributesIn(event, 3) })),
        links: messages(span, 13).map((link) => hex(link, 1)),
        failed: messages(span, 15).some((status) => number(status, 3) === 2n),
      }));
  });
}

const bytesIn = (fields: Fields | undefined, at: number): Uint8Array[] =>
  (fields?.get(at) ?? []).filter((value): value is Uint8Array => typeof value !== 'bigint');
const messages = (fields: Fields | undefined, at: number): Fields[] => bytesIn(fields, at).map(readMessage);
const number = (fields: Fields, at: number): bigint => {
  const value = fields.get(at)?.[0];
  return typeof value === 'bigint' ? value : 0n;
};
const hex = (fields: Fields, at: number): string => Buffer.from(bytesIn(fields, at)[0] ?? []).toString('hex');
const text = (fields: Fields, at: number): string => Buffer.from(bytesIn(fields, at)[0] ?? []).toString();

const attributesIn = (fields: Fields | undefined, at: number): Record<string, unknown> =>
  Object.fromEntries(messages(fields, at).map((pair) => [text(pair, 1), plainValue(messages(pair, 2)[0])]));

function plainValue(value: Fields | undefined): unknown {
  if (!value) return undefined;
  if (value.has(1)) return text(value, 1);
  if (value.has(2)) return number(value, 2) === 1n;
  if (value.has(3)) return Number(BigInt.asIntN(64, number(value, 3)));
  const bits = new BigUint64Array([number(value, 4)]);
  return new Float64Array(bits.buffer)[0];
}
