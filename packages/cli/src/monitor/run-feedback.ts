import { describeIssues, FeedbackRequest, type Pin, RookeryError } from '@rookery/contracts';
import { putFeedback } from '@rookery/monitor';
import { printJson } from '../commands/models-registry.ts';
import type { Config } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { jobNamed, openLedger } from '../produce/jobs-store.ts';
import { openRegistryOf } from '../registry.ts';
import { printable } from '../ui/printable.ts';
import { parseLabels, readLabels } from './read-labels.ts';
import { unknownLabels } from './unknown-labels.ts';

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
  const { ledger, config } = opened;
  const job = options.job === undefined ? undefined : await jobNamed(ledger, options.job, context.signal);
  const model = job === undefined ? undefined : (await ledger.read(job, context.signal)).pin.model;
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
  if (model) await sayUnknown(model, labels, config, context);
  if (options.json) return printJson(receipts, context);
  const fresh = receipts.reduce((sum, { labels: n, isNew }) => sum + (isNew ? n : 0), 0);
  const known = labels.length - fresh;
  const were = known === 1 ? 'was' : 'were';
  await context.stdout.write(
    `${fresh} true ${fresh === 1 ? 'label' : 'labels'} kept${known > 0 ? `, ${known} ${were} known already` : ''}\n`,
  );
}

const shownUnknown = 5;

/** Most likely a different spelling: with such a true label, every answer of the model would count as wrong. */
async function sayUnknown(
  model: Pin['model'],
  labels: readonly { readonly label: string }[],
  config: Config,
  context: CommandContext,
): Promise<void> {
  await using registry = await openRegistryOf(config, context.cwd);
  const asked = labels.map(({ label }) => label);
  const unknown = await unknownLabels(registry, model, asked, context.signal);
  if (unknown.length === 0) return;
  const shown = unknown.slice(0, shownUnknown).map((label) => JSON.stringify(printable(label)));
  const more = unknown.length > shownUnknown ? ` and ${unknown.length - shownUnknown} more` : '';
  await context.stderr.write(
    `note: no ${unknown.length === 1 ? 'class' : 'classes'} of ${model.name}@${model.version}, and so never right: ${shown.join(', ')}${more}\n`,
  );
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
