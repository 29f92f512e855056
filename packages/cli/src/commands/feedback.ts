import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import type { FeedbackOptions } from '../monitor/run-feedback.ts';

const description = `Tells what pictures really show. True labels are kept beside the results and never rewritten; the same ones again change nothing, and of two labels for one picture the later batch counts. A file has a line a picture: JSON ({"key": ..., "label": ...}) or CSV (key,label; a head line with these names may stand above).`;

export function register(program: Command, context: CommandContext): void {
  program
    .command('feedback')
    .summary('tell what pictures really show')
    .description(description)
    .argument('<labels...>', 'KEY=LABEL, or files of them (.jsonl, .csv)')
    .option('--job <job>', 'the job whose pictures these are (its name, or latest)')
    .option('--bucket <location>', 'or the bucket or folder, for pictures that events brought')
    .option('--id <text>', 'tells a batch from an earlier one with the same labels')
    .option('--store <location>', 'where jobs and labels lie: s3://bucket/prefix or a folder')
    .option('--s3-endpoint <url>', 'of an S3-compatible service')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ rookery feedback 2026/heron.jpg="Ardea cinerea" --job nightly\n  $ rookery feedback truth.csv --job nightly\n',
    )
    .action(async (labels: string[], options: FeedbackOptions) => {
      const { runFeedback } = await import('../monitor/run-feedback.ts');
      await runFeedback(labels, options, context);
    });
}
