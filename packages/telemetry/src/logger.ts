/** From the most to the least talkative, as pino names them. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * What stands beside the message. The names that lines have in common: `job`, `task`, `key`, `model`, `trace_id`; an error goes under
 * `err`.
 */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes a line: `log('started')`, `log({ job, err }, 'task failed')`. Never throws and never waits. */
export interface LogFunction {
  (fields: LogFields, message: string): void;
  (message: string): void;
}

/** What every package logs to. */
export interface Logger {
  readonly trace: LogFunction;
  readonly debug: LogFunction;
  readonly info: LogFunction;
  readonly warn: LogFunction;
  readonly error: LogFunction;
  readonly fatal: LogFunction;
  /** The same logger with fields that stand in each of its lines. */
  child(fields: LogFields): Logger;
  /** Whether a line of this level would be written: for fields that are dear to make. */
  isLevelEnabled(level: LogLevel): boolean;
}

const nothing = (): void => {};

/** Says nothing. */
export const silentLogger: Logger = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
  child: () => silentLogger,
  isLevelEnabled: () => false,
};
