import { type Command, Option } from 'commander';
import type { CommandContext } from '../context.ts';
import type { JobsOptions } from '../produce/jobs-store.ts';

const description = `Jobs, as the store knows them: nothing else is asked, so every answer is right whatever became of queues and workers.`;

/** `rookery jobs ...`: the work is imported by the action that runs. */
export function register(program: Command, context: CommandContext): void {
  const jobs = program
    .command('jobs')
    .summary('jobs: list, show, watch, cancel, retry, reconcile, results, delete')
    .description(description)
    .addHelpText('after', example('jobs watch nightly'));

  command(jobs, 'list', 'all jobs, newest first').action(async (options: JobsOptions) => {
    const { listAllJobs } = await import('../produce/jobs-show.ts');
    await listAllJobs(options, context);
  });

  command(jobs, 'show', 'what a job is about and how far it is', 'jobs show nightly')
    .argument('<job>', 'its name, or latest')
    .action(async (job: string, options: JobsOptions) => {
      const { showJob } = await import('../produce/jobs-show.ts');
      await showJob(job, options, context);
    });

  command(jobs, 'watch', 'follow a job until it is complete', 'jobs watch nightly')
    .argument('<job>', 'its name, or latest')
    .action(async (job: string, options: JobsOptions) => {
      const { watchJob } = await import('../produce/jobs-watch.ts');
      await watchJob(job, options, context);
    });

  command(jobs, 'cancel', 'let workers drop what is left of a job; finished results stay', 'jobs cancel nightly')
    .argument('<job>')
    .action(async (job: string, options: JobsOptions) => {
      const { cancelJob } = await import('../produce/jobs-change.ts');
      await cancelJob(job, options, context);
    });

  withQueue(command(jobs, 'retry', 'a new job that does again what failed in another', 'jobs retry nightly'))
    .argument('<job>')
    .option('--job <name>', 'name of the new job')
    .action(async (job: string, options: JobsOptions & { job?: string }) => {
      const { retryJob } = await import('../produce/jobs-change.ts');
      await retryJob(job, options, context);
    });

  withQueue(
    command(jobs, 'reconcile', 'enqueue again what has no result: after a queue was lost', 'jobs reconcile nightly'),
  )
    .argument('<job>')
    .action(async (job: string, options: JobsOptions) => {
      const { reconcileOne } = await import('../produce/jobs-change.ts');
      await reconcileOne(job, options, context);
    });

  command(jobs, 'results', 'the labels of a job, of any size', 'jobs results nightly --format csv --output labels.csv')
    .argument('<job>', 'its name, or latest')
    .addOption(new Option('--format <format>', 'of the results').choices(['jsonl', 'csv', 'parquet']).default('jsonl'))
    .option('--output <file>', 'write them there')
    .option('--errors-only', 'only the pictures that could not be labelled')
    .option('--partial', 'also of a job that is not complete: what is there by now')
    .action(async (job: string, options: JobsOptions & import('../produce/jobs-results.ts').ResultsOptions) => {
      const { writeResults } = await import('../produce/jobs-results.ts');
      await writeResults(job, options, context);
    });

  command(jobs, 'delete', 'delete a job with all its results', 'jobs delete nightly --yes')
    .argument('<job>')
    .option('--yes', 'also where it is not complete')
    .action(async (job: string, options: JobsOptions & { yes?: boolean }) => {
      const { deleteJob } = await import('../produce/jobs-change.ts');
      await deleteJob(job, options, context);
    });
}

const command = (jobs: Command, name: string, summary: string, line = `jobs ${name}`): Command =>
  jobs
    .command(name)
    .summary(summary)
    .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
    .option('--store <location>', 'where jobs lie: s3://bucket/prefix or a folder')
    .option('--s3-endpoint <url>', 'of an S3-compatible service')
    .option('--json', 'as JSON')
    .addHelpText('after', example(line));

const withQueue = (one: Command): Command =>
  one
    .option('--queue <address>', 'redis://host:port or sqs://name')
    .option('--queue-name <name>', 'the queues are <name>-events and <name>-jobs (default: rookery)');

const example = (line: string): string => `\nExample:\n  $ rookery ${line}\n`;
