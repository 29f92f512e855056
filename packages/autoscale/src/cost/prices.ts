import { readFile } from 'node:fs/promises';
import { describeIssues, RookeryError, withoutMark } from '@rookery/contracts';
import * as z from 'zod';

const Price = z.strictObject({ usd: z.number().min(0), source: z.string().min(1) });

const names = [
  'fargateVcpuHour',
  'fargateGbHour',
  'fargateSpotVcpuHour',
  'fargateSpotGbHour',
  'gpuInstanceHour',
  's3GetThousand',
  's3PutThousand',
  's3GbMonth',
  'sqsMillion',
  'redisNodeHour',
  'logsGb',
  'metricMonth',
  'alarmMonth',
  'dashboardMonth',
  'loadBalancerHour',
  'endpointHour',
  'endpointGb',
  'secretMonth',
  'transferOutGb',
] as const;

/** A file of prices, each with its source. Everyone has their own: discounts, regions, the day. */
export const PriceFile = z.strictObject({
  region: z.string(),
  currency: z.literal('USD'),
  /** When they were written down. */
  date: z.iso.date(),
  note: z.string(),
  prices: z.strictObject(
    Object.fromEntries(names.map((name) => [name, Price])) as Record<(typeof names)[number], typeof Price>,
  ),
});
export type PriceFile = z.infer<typeof PriceFile>;

/** @throws {RookeryError} CONFIG_INVALID naming the price that is wrong or missing; what the file system says where there is no such file */
export async function readPrices(file: string): Promise<PriceFile> {
  const text = await readFile(file, 'utf8');
  try {
    return PriceFile.parse(JSON.parse(withoutMark(text)));
  } catch (cause) {
    const why =
      cause instanceof z.ZodError ? describeIssues(cause) : cause instanceof Error ? cause.message : String(cause);
    throw new RookeryError('CONFIG_INVALID', { detail: `the file of prices: ${why}`, cause });
  }
}
