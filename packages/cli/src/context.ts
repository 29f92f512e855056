import { setMaxListeners } from 'node:events';
import type { EarlyThreads } from '@rookery/inference';
import type { ClosableLogger, Logger, LoggerOptions } from '@rookery/telemetry';
import type { Environment } from './config/environment.ts';
import type { Config, ConfigFlags } from './config.ts';
import type { Host } from './host.ts';
import { createOutput, type Output } from './ui/output.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly config?: string;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly logFile?: string;
  readonly logLoki?: string;
  readonly color?: boolean;
}

export interface LogOptions {
  /** Who speaks. Default: `cli`. */
  readonly service?: string;
  /** Default: true. A command that shows results of its own writes the log only to --log-file. */
  readonly stderr?: boolean;
  /** Told of lines that did not reach where they were meant for. */
  readonly onDropped?: LoggerOptions['onDropped'];
}

/** All that a command may touch of its process, which makes commands testable in process. */
export interface CommandContext extends AsyncDisposable {
  readonly stdin: Host['stdin'];
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Environment;
  readonly cwd: string;
  /** Aborted by SIGINT, SIGTERM, and when the reader of stdout went away. */
  readonly signal: AbortSignal;
  /** Calls it at each SIGHUP, until it is disposed: look up what may have changed. */
  onHangup(handler: () => void): Disposable;
  /** Whether to colour what goes where. NO_COLOR and --no-color switch both off. */
  readonly colour: { readonly stdout: boolean; readonly stderr: boolean };
  /** Threads of a classifier that are running already. */
  readonly early: EarlyThreads | undefined;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** The exit code; a command sets it where it ends without an error although something went wrong. */
  exitCode: number;
  /** Flags over environment over file over defaults. Loaded and checked at the first call. @throws CONFIG_INVALID */
  config(flags?: ConfigFlags): Promise<Config>;
  /** The log of this run, closed at its end: to stderr (readable on a terminal, JSON otherwise) to --log-file, and to servers. */
  logger(options?: LogOptions): Promise<Logger>;
  setGlobals(options: GlobalOptions): void;
}

export function createContext(host: Host): CommandContext {
  let globals: GlobalOptions = {};
  const reader = new AbortController();
  const stdout = createOutput(host.stdout, 'standard output', () =>
    reader.abort(new DOMException('the reader went away', 'AbortError')),
  );
  const stderr = createOutput(host.stderr, 'standard error');
  const coloured = (output: Output) => globals.color !== false && !host.env.NO_COLOR && output.isTTY;
  const open: ClosableLogger[] = [];
  const signal = AbortSignal.any([host.signal, reader.signal]);
  // Every picture in progress listens to it.
  setMaxListeners(0, signal);
  const context: CommandContext = {
    stdin: host.stdin,
    stdout,
    stderr,
    env: host.env,
    cwd: host.cwd,
    signal,
    onHangup: host.onHangup ?? (() => ({ [Symbol.dispose]: () => undefined })),
    early: host.early,
    exitCode: 0,
    get colour() {
      return { stdout: coloured(stdout), stderr: coloured(stderr) };
    },
    get quiet() {
      return globals.quiet === true;
    },
    get verbose() {
      return globals.verbose === true;
    },
    setGlobals(options) {
      globals = options;
    },
    async config(flags = {}) {
      const { loadConfig } = await import('./config.ts');
      const level = globals.quiet ? 'error' : globals.verbose ? 'debug' : undefined;
      return loadConfig({
        env: host.env,
        cwd: host.cwd,
        file: globals.config,
        flags: { ...flags, log: { level, file: globals.logFile, loki: globals.logLoki, ...flags.log } },
      });
    },
    async logger(options = {}) {
      const log = await openLogger(options, context);
      open.push(log);
      return log;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(open.map((log) => log.close()));
      await Promise.all([stdout.flush(), stderr.flush()]);
    },
  };
  return context;
}

async function openLogger(
  { service = 'cli', stderr = true, onDropped }: LogOptions,
  context: CommandContext,
): Promise<ClosableLogger> {
  const [{ createLogger }, { remoteLogs }, { log, traces }] = await Promise.all([
    import('@rookery/telemetry'),
    import('./logs/remote-logs.ts'),
    context.config(),
  ]);
  return createLogger({
    service,
    level: log.level,
    pretty: log.format === 'pretty' || (log.format === 'auto' && context.stderr.isTTY),
    colour: context.colour.stderr,
    destination: stderr ? { write: (line) => context.stderr.write(line) } : 'none',
    ...(log.file !== undefined && { file: { path: log.file } }),
    remotes: remoteLogs({ log, traces }),
    onDropped,
  });
}
