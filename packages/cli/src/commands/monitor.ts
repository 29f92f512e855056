import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import type { BaselineOptions } from '../monitor/run-baseline.ts';
import type { MonitorReportOptions } from '../monitor/run-report.ts';
import { registryOption } from './registry-options.ts';

const description = `Watches the model in use, from its results alone: classes, confidence, entropy, picture size, brightness and sharpness against a reference window that is kept for the version; and, where true labels were told (rookery feedback), accuracy and calibration.`;

/** `rookery monitor ...`: the work is imported by the action that runs. */
export function register(program: Command, context: CommandContext): void {
  const monitor = program
    .command('monitor')
    .summary('the model in use: drift, accuracy, reference windows')
    .description(description)
    .addHelpText('after', '\nExample:\n  $ rookery monitor report --since 7d --html drift.html\n');

  withStore(monitor.command('report'))
    .summary('compare what was answered with the reference')
    .description('Compares what was answered with the reference window of the version: of the fleet, or of one job.')
    .option('--job <job>', 'one job as a whole (its name, or latest) instead of what the fleet did')
    .option('--since <time>', 'how far back: 30m, 24h, 7d, or a date (default: 24h)')
    .option('--model <ref>', 'only this model: name or name@version')
    .option('--html <file>', 'also write a page with plots; it needs no other file')
    .option('--check', 'exit 1 where something drifts, or nothing could be compared')
    .addHelpText('after', '\nExample:\n  $ rookery monitor report --job nightly --html drift.html --check\n')
    .action(async (options: MonitorReportOptions) => {
      const { runReport } = await import('../monitor/run-report.ts');
      await runReport(options, context);
    });

  withStore(monitor.command('baseline'))
    .summary('keep a reference window for a version')
    .description(
      'Keeps what a version answered while all was well as its reference. The version itself stays as it is.',
    )
    .argument('<model>', 'a registered model: name, name:alias or name@version')
    .option('--job <job>', 'what it answered in this job (its name, or latest)')
    .option('--since <time>', 'or what the fleet answered with it: 24h, 7d, or a date')
    .option('--replace', 'in place of the one that is there')
    .option('--models <folder>', "the registry's folder")
    .addOption(registryOption())
    .addHelpText('after', '\nExample:\n  $ rookery monitor baseline birds:production --job nightly\n')
    .action(async (model: string, options: BaselineOptions) => {
      const { runBaseline } = await import('../monitor/run-baseline.ts');
      await runBaseline(model, options, context);
    });
}

const withStore = (command: Command): Command =>
  command
    .option('--store <location>', 'where jobs and labels lie: s3://bucket/prefix or a folder')
    .option('--s3-endpoint <url>', 'of an S3-compatible service')
    .option('--json', 'as JSON');
