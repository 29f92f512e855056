import type { SpoolInfo } from '@rookery/telemetry';

/** Why a spool is not sent by whoever is configured for the server at `baseUrl`. */
export function whyItWaits({ run, trouble, inUse, host }: SpoolInfo, baseUrl: string): string {
  if (host !== undefined) return `it is of another host: rookery tracker flush there (${host})`;
  if (inUse) return trouble ?? 'its run goes on';
  if (run.baseUrl !== baseUrl) return `it is meant for ${run.baseUrl}: WANDB_BASE_URL`;
  return trouble ?? 'its run is over: rookery tracker flush';
}
