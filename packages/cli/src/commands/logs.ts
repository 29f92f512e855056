import { type Command, Option } from 'commander';
import type { CommandContext } from '../context.ts';
import type { LogsOptions } from '../logs/run-logs.ts';

const description = `Reads a log: a file with those that were turned over before it, or Loki. Without either it is the file, else the Loki, that
the configuration has (ROOKERY_LOG_FILE, ROOKERY_LOG_LOKI). Of Loki, the last hour where --since is not given.`;

export function register(program: Command, context: CommandContext): void {
  program
    .command('logs')
    .summary('read logs: files, rotated ones too, or Loki')
    .description(description)
    .argument('[file]', 'as --log-file had it')
    .option('--loki <url>', 'read from Loki, such as http://loki:3100')
    .addOption(
      new Option('--level <level>', 'this level and worse').choices([
        'trace',
        'debug',
        'info',
        'warn',
        'error',
        'fatal',
      ]),
    )
    .option('--service <name>', 'who speaks: worker, serve, ingest, ...')
    .option('--job <job>', 'lines of this job')
    .option('--task <seq>', 'lines of this task')
    .option('--key <key>', 'lines of this picture')
    .option('--since <time>', 'how far back: 30m, 24h, 7d, or a date')
    .option('--until <time>', 'and up to when')
    .option('--grep <text>', 'lines with this text')
    .option('-f, --follow', 'go on with what comes')
    .option('--json', 'the lines as they are, JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ rookery logs rookery.log --level warn --since 1h\n  $ rookery logs --loki http://loki:3100 --job nightly --follow\n',
    )
    .action(async (file: string | undefined, options: LogsOptions) => {
      const { runLogs } = await import('../logs/run-logs.ts');
      await runLogs(file, options, context);
    });
}
