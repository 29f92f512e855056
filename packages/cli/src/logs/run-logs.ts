import { resolve } from 'node:path';
import { RookeryError } from '@rookery/contracts';
import { prettyLine } from '@rookery/telemetry';
import type { CommandContext } from '../context.ts';
import { sinceOf } from '../monitor/since.ts';
import { fileLines } from './file-lines.ts';
import { type LogFilter, matches } from './log-filter.ts';
import { lokiLines } from './loki-lines.ts';

export interface LogsOptions extends Omit<LogFilter, 'sinceMs' | 'untilMs'> {
  readonly loki?: string;
  readonly since?: string;
  readonly until?: string;
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** `rookery logs` */
export async function runLogs(file: string | undefined, options: LogsOptions, context: CommandContext): Promise<void> {
  const { since, until, follow = false, json = false } = options;
  const now = Date.now();
  const filter: LogFilter = {
    ...options,
    sinceMs: since === undefined ? undefined : sinceOf(since, now),
    untilMs: until === undefined ? undefined : sinceOf(until, now, '--until'),
  };
  for await (const line of await linesOf(file, filter, { ...options, follow }, context)) {
    if (line === '' || !matches(line, filter)) continue;
    await context.stdout.write(json ? `${line}\n` : prettyLine(`${line}\n`, context.colour.stdout, { date: true }));
    if (context.signal.aborted) break;
  }
}

/** A file that is named, else a Loki that is named, else what is configured. */
async function linesOf(
  named: string | undefined,
  filter: LogFilter,
  { loki: address, follow }: { readonly loki?: string; readonly follow: boolean },
  context: CommandContext,
): Promise<AsyncIterable<string>> {
  if (named !== undefined && address !== undefined)
    throw new RookeryError('USAGE', { detail: 'a file or --loki, not both' });
  const { log } = await context.config();
  const file = named ?? (address === undefined ? log.file : undefined);
  const { signal } = context;
  if (file !== undefined) return fileLines(resolve(context.cwd, file), { follow, signal });
  const url = address ?? log.loki;
  if (url === undefined)
    throw new RookeryError('USAGE', { detail: 'which log? Name a file, or --loki, or set ROOKERY_LOG_FILE' });
  const onTrouble = (trouble: RookeryError | undefined): void =>
    void context.stderr.write(`${trouble?.detail ?? 'Loki answers again'}${trouble ? '; trying again' : ''}\n`);
  return lokiLines(filter, { url, tenant: log.lokiTenant, follow, onTrouble, signal });
}
