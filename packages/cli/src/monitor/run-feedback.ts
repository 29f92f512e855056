import { describeIssues, FeedbackRequest, RookeryError } from '@rookery/contracts';
import { putFeedback } from '@rookery/monitor';
import { printJson } from '../commands/models-registry.ts';
import type { CommandContext } from '../context.ts';
import { jobNamed, openLedger } from '../produce/jobs-store.ts';
import { parseLabels, readLabels } from './read-labels.ts';

export interface FeedbackOptions {
  readonly job?: string;
  readonly bucket?: string;
  readonly id?: string;
  readonly store?: string;
  readonly s3Endpoint?: string;
  readonly json?: boolean;
}

/** Labels a batch: an object of a few hundred kilobytes. */
const batchSize = 10_000;

/** `rookery feedback LABELS...` */
export async function runFeedback(
  given: readonly string[],
  options: FeedbackOptions,
  context: CommandContext,
): Promise<void> {
  if ((options.job === undefined) === (options.bucket === undefined))
    throw new RookeryError('USAGE', { detail: 'say whose pictures these are: --job JOB or --bucket LOCATION' });
  const labels = (
    await Promise.all(given.map((one) => (one.includes('=') ? parseLabels(one) : readLabels(one, context.cwd))))
  ).flat();
  if (labels.length === 0) throw new RookeryError('USAGE', { detail: 'there are no labels in it' });
  await using opened = await openLedger(options, context);
  const { ledger } = opened;
  const job = options.job === undefined ? undefined : await jobNamed(ledger, options.job, context.signal);
  if (job !== undefined) await ledger.read(job, context.signal);
  const scope = job === undefined ? { bucket: await bucketOf(options.bucket ?? '', context) } : { job };
  const requests: FeedbackRequest[] = [];
  for (let at = 0; at < labels.length; at += batchSize) {
    const asked = FeedbackRequest.safeParse({
      ...scope,
      ...(options.id !== undefined && { id: options.id }),
      labels: labels.slice(at, at + batchSize),
    });
    // Nothing is written unless all of it can be.
    if (!asked.success) throw new RookeryError('USAGE', { detail: describeIssues(asked.error) });
    requests.push(asked.data);
  }
  const receipts = [];
  for (const request of requests) receipts.push(await putFeedback(ledger.store, request, context.signal));
  if (options.json) return printJson(receipts, context);
  const fresh = receipts.reduce((sum, { labels: n, isNew }) => sum + (isNew ? n : 0), 0);
  const known = labels.length - fresh;
  await context.stdout.write(`${fresh} true labels kept${known > 0 ? `, ${known} were known already` : ''}\n`);
}

/** As tasks name it: a bucket's name, or a folder's address. */
async function bucketOf(location: string, { cwd }: CommandContext): Promise<string> {
  const [{ parseLocation }, { bucketOf: ofFolder }, { resolve }] = await Promise.all([
    import('@rookery/storage'),
    import('../fleet/embedded-fleet.ts'),
    import('node:path'),
  ]);
  const place = parseLocation(location);
  return place.kind === 's3' ? place.bucket : ofFolder(resolve(cwd, place.folder));
}
