import type { PriceFile } from './prices.ts';

/** How many of each kind. */
export interface Requests {
  readonly get: number;
  readonly put: number;
  readonly list: number;
  /** To SQS. */
  readonly queue: number;
}

/** What requests to S3 and SQS cost. A listing costs as much as a PUT. */
export const usdOfRequests = ({ get, put, list, queue }: Requests, { prices }: PriceFile): number =>
  (get / 1_000) * prices.s3GetThousand.usd +
  ((put + list) / 1_000) * prices.s3PutThousand.usd +
  (queue / 1_000_000) * prices.sqsMillion.usd;
