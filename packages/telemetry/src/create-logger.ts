import process from 'node:process';
import pino from 'pino';
import { LineWriter } from './line-writer.ts';
import type { Logger, LogLevel } from './logger.ts';
import { prettyLine } from './pretty-line.ts';
import { redact } from './redact.ts';
import type { RemoteLogOptions } from './remote/remote-options.ts';
import { RemoteSink, type RemoteTrouble } from './remote-sink.ts';
import { type LogFileOptions, openRotatingFile } from './rotating-file.ts';
import { type Sink, writerSink } from './sink.ts';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Who speaks: `worker`, `cli`, ... */
  readonly service: string;
  /** Lines for people instead of JSON, where `destination` is a terminal. */
  readonly pretty?: boolean | undefined;
  /** Colours in pretty lines; on where nothing is said. */
  readonly colour?: boolean | undefined;
  /** Also, always as JSON. */
  readonly file?: LogFileOptions | undefined;
  /** Servers that get every line too, each from a thread of its own. */
  readonly remotes?: readonly RemoteLogOptions[] | undefined;
  /** Told of lines that did not reach where they were meant for: `console`, `file`, `loki` or `otlp`. */
  readonly onDropped?: ((destination: LogDestination, lines: number) => void) | undefined;
  /** Where lines go besides the file: the standard error where nothing is said. A writer stays its owner's. */
  readonly destination?: 'stdout' | 'stderr' | 'none' | { write(line: string): unknown } | undefined;
}

/** Where lines may be lost. */
export const logDestinations = ['console', 'file', 'loki', 'otlp'] as const;
export type LogDestination = (typeof logDestinations)[number];

/** A logger with a life: what it holds is written at `close`, and when the process exits without it. */
export interface ClosableLogger extends Logger, AsyncDisposable {
  close(): Promise<void>;
}

/**
 * A logger of one shape everywhere: JSON with `level`, `time` (ISO 8601), `service`, the fields of `child` and of the call, `msg`.
 * Secrets and the signatures of addresses are hidden. Writing never throws and never waits; what a slow or full destination can't take
 * is dropped and counted in a line.
 * @throws {RookeryError} CONFIG_INVALID where the log file can't be opened.
 */
export function createLogger(options: LoggerOptions): ClosableLogger {
  const sinks = openSinks(options);
  const stream = {
    write(line: string) {
      const clean = redact(line);
      for (const sink of sinks) sink.write(clean);
    },
  };
  const flush = () => {
    for (const sink of sinks) sink.flushSync();
  };
  process.on('exit', flush);
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= closeAll(sinks).then(() => void process.off('exit', flush));
    return closed;
  };
  const log = pino(
    {
      level: options.level,
      base: { service: options.service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    stream,
  );
  return Object.assign(log, { close, [Symbol.asyncDispose]: close });
}

function openSinks({
  destination = 'stderr',
  pretty = false,
  colour = true,
  file,
  service,
  remotes = [],
  onDropped,
}: LoggerOptions): Sink[] {
  const droppedLine = (where: LogDestination) => (count: number) => {
    onDropped?.(where, count);
    return `${JSON.stringify({ level: 'warn', time: new Date().toISOString(), service, dropped: count, msg: 'log lines were dropped' })}\n`;
  };
  const format = (line: string) => (pretty ? prettyLine(line, colour) : line);
  const sinks: Sink[] = [];
  if (typeof destination === 'object') sinks.push(formatted(writerSink(destination), format));
  else if (destination !== 'none') {
    const fd = destination === 'stdout' ? 1 : 2;
    const target = { fd, before: () => {}, close: () => {} };
    sinks.push(
      formatted(new LineWriter(target, { droppedLine: (count) => format(droppedLine('console')(count)) }), format),
    );
  }
  if (file) sinks.push(new LineWriter(openRotatingFile(file), { droppedLine: droppedLine('file') }));
  const local = [...sinks];
  for (const remote of remotes) {
    // Said where it can be read; the server that has the trouble is not told of it.
    const tell = ({ reason, dropped }: RemoteTrouble) => {
      if (dropped > 0) onDropped?.(remote.protocol, dropped);
      const said = dropped > 0 ? 'log lines did not reach their server' : 'the log server does not answer';
      const fields = { server: remote.protocol, reason, ...(dropped > 0 && { dropped }) };
      const line = JSON.stringify({ level: 'warn', time: new Date().toISOString(), service, ...fields, msg: said });
      for (const sink of local) sink.write(`${line}\n`);
    };
    sinks.push(new RemoteSink(remote, tell));
  }
  return sinks;
}

/** Remote ones first: what they could not send is said in the others. */
async function closeAll(sinks: readonly Sink[]): Promise<void> {
  const [remote, local] = [sinks.filter(isRemote), sinks.filter((sink) => !isRemote(sink))];
  for (const group of [remote, local]) await Promise.all(group.map((sink) => sink.close()));
}

const isRemote = (sink: Sink): boolean => sink instanceof RemoteSink;

const formatted = (sink: Sink, format: (line: string) => string): Sink => ({
  write: (line) => sink.write(format(line)),
  flushSync: () => sink.flushSync(),
  close: () => sink.close(),
});
