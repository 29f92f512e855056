import type { CommandContext } from '../context.ts';
import { followJob } from './follow-job.ts';
import { type JobsOptions, jobNamed, openLedger } from './jobs-store.ts';

/** `rookery jobs watch`. */
export async function watchJob(given: string, options: JobsOptions, context: CommandContext): Promise<void> {
  await using opened = await openLedger(options, context);
  const id = await jobNamed(opened.ledger, given, context.signal);
  const { state, pictures, failed } = await followJob(opened.ledger, id, context);
  if (options.json)
    await context.stdout.write(`${JSON.stringify({ job: id, state, pictures: pictures.done, failed })}\n`);
}
