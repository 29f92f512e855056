/** A line and what servers index it by. */
export interface LogEntry {
  /** Without its line break. */
  readonly line: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly service: string;
  readonly level: string;
  readonly timeMs: number;
}

/** Reads a line of the logger's. Text that is no such line becomes the message of one. */
export function entryOf(text: string, nowMs: number = Date.now()): LogEntry {
  const line = text.trimEnd();
  const fields = parse(line) ?? { msg: line };
  const timeMs = Date.parse(String(fields.time));
  return {
    line,
    fields,
    service: typeof fields.service === 'string' ? fields.service : 'unknown',
    level: typeof fields.level === 'string' ? fields.level : 'info',
    timeMs: Number.isNaN(timeMs) ? nowMs : timeMs,
  };
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
