import type { AllowPrivate } from '@rookery/storage';

export interface WebhooksOptions {
  /** `whsec_` and 24 to 64 bytes in Base64. Messages are signed with each, so that a receiver can be given a new one before the old one goes. */
  readonly secrets: readonly string[];
  /** Also addresses without encryption. @default where private addresses are allowed */
  readonly allowHttp?: boolean | undefined;
  /** Also addresses of this machine and its networks, or those that the function agrees to. @default none */
  readonly allowPrivate?: AllowPrivate | undefined;
  /** Waits before each attempt but the first; one attempt more than there are waits. @default 5 s to 24 h, three days in all */
  readonly waitsMs?: readonly number[] | undefined;
  /** A receiver has so long to answer. @default 15,000 */
  readonly timeoutMs?: number | undefined;
  /** How often jobs with a webhook are looked at. @default 5,000 */
  readonly pollMs?: number | undefined;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** As the specification recommends (github.com/standard-webhooks, "Operational considerations"). */
export const defaultWaitsMs: readonly number[] = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];
