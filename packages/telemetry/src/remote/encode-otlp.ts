import type { LogEntry } from './log-entry.ts';

/** Of OpenTelemetry's log data model. */
const severities: Readonly<Record<string, number>> = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 };

/** The body of `POST /v1/logs` in OTLP's JSON. Fields that are objects, such as `err`, go as JSON text. */
export function encodeOtlp(entries: readonly LogEntry[]): string {
  const services = new Map<string, object[]>();
  for (const entry of entries) {
    const records = services.get(entry.service) ?? [];
    services.set(entry.service, records);
    records.push(recordOf(entry));
  }
  return JSON.stringify({
    resourceLogs: [...services].map(([service, logRecords]) => ({
      resource: { attributes: [attribute('service.name', service)] },
      scopeLogs: [{ scope: { name: 'rookery' }, logRecords }],
    })),
  });
}

function recordOf({ fields, level, timeMs }: LogEntry): object {
  const { time: _time, level: _level, service: _service, msg, trace_id: trace, span_id: span, ...rest } = fields;
  const nanoseconds = `${timeMs}000000`;
  return {
    timeUnixNano: nanoseconds,
    observedTimeUnixNano: nanoseconds,
    severityNumber: severities[level] ?? 9,
    severityText: level.toUpperCase(),
    body: { stringValue: String(msg ?? '') },
    attributes: Object.entries(rest).map(([key, value]) => attribute(key, value)),
    ...(hex(trace, 32) && { traceId: trace }),
    ...(hex(span, 16) && { spanId: span }),
  };
}

const attribute = (key: string, value: unknown): object => ({ key, value: typed(value) });

function typed(value: unknown): object {
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { stringValue: typeof value === 'string' ? value : JSON.stringify(value) };
}

const hex = (value: unknown, digits: number): boolean =>
  typeof value === 'string' && value.length === digits && /^[0-9a-f]+$/.test(value);
