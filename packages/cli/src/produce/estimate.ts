import { defaultPrices, usdOfRequests } from '@rookery/autoscale';
import { estimateJob, type JobRequest } from '@rookery/producer';
import type { CommandContext } from '../context.ts';
import { duration } from '../ui/progress.ts';
import { size } from './size.ts';
import { whyNone } from './why-none.ts';

type Common = Parameters<typeof estimateJob>[1] & { readonly rate: number | undefined };

/** `rookery enqueue --dry-run`. */
export async function printEstimate(
  request: JobRequest,
  { rate, ...options }: Common,
  { json }: { readonly json?: boolean },
  context: CommandContext,
): Promise<void> {
  const estimate = await estimateJob(request, options);
  const left = estimate.pictures - estimate.takenOver;
  const seconds = rate === undefined ? undefined : left / rate;
  const requestDollars = usdOfRequests(estimate.requests, defaultPrices);
  if (json) {
    await context.stdout.write(
      `${JSON.stringify({ ...estimate, requestDollars, ...(seconds !== undefined && { seconds }) })}\n`,
    );
    return;
  }
  const { requests, since } = estimate;
  const lines = [
    `pictures   ${estimate.pictures}${estimate.unknownSizes > 0 ? '' : `, ${size(estimate.bytes)}`}`,
    ...(since ? [`taken over ${estimate.takenOver} from ${since}; ${left} to be labelled`] : []),
    ...(estimate.pictures === 0 && request.source.kind !== 'manifest'
      ? [`none       ${whyNone(request.source, options.ledger.store.location)}`]
      : []),
    `tasks      ${estimate.tasks} of up to ${estimate.taskSize} pictures`,
    `requests   ${requests.get} GET, ${requests.put} PUT, ${requests.list} LIST, ${requests.queue} to the queue`,
    `cost       $${requestDollars.toFixed(2)} for requests to S3 and SQS (${defaultPrices.region}, ${defaultPrices.date}); computing is not in it`,
    `time       ${seconds === undefined ? 'say with --rate what the workers do a second (rookery bench classify)' : `${duration(seconds)} at ${rate} pictures/s`}`,
  ];
  await context.stdout.write(`${lines.join('\n')}\n`);
}
