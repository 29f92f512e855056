import { RookeryError } from '@rookery/contracts';
import { flushSpools, listSpools } from '@rookery/telemetry';
import { duration } from '../config/kinds.ts';
import type { CommandContext } from '../context.ts';
import { parseFlag } from '../produce/parse-flag.ts';
import { wandbOptionsOf } from '../wandb.ts';
import { spoolFolderOf } from './track-options.ts';
import { whyItWaits } from './why-it-waits.ts';

/** `rookery tracker flush`. */
export async function runTrackerFlush(
  { timeout }: { readonly timeout?: string },
  context: CommandContext,
): Promise<void> {
  const config = await context.config();
  const { baseUrl, apiKey } = await wandbOptionsOf(config);
  if (!apiKey)
    throw new RookeryError('USAGE', { detail: 'no key of Weights & Biases: WANDB_API_KEY, or `wandb login`' });
  const signal = AbortSignal.any([
    context.signal,
    AbortSignal.timeout(parseFlag('--timeout', duration(1), timeout) ?? 60_000),
  ]);
  const { entity } = config.wandb;
  const outcomes = await flushSpools(spoolFolderOf(config), { baseUrl, apiKey, entity }, signal);
  for (const { id, sent, trouble } of outcomes)
    await context.stdout.write(`${id}: ${sent ? 'sent' : `waits (${trouble ?? 'no time left'})`}\n`);
  const left = listSpools(spoolFolderOf(config)).filter(({ run }) => !outcomes.some(({ id }) => id === run.id));
  for (const spool of left) await context.stdout.write(`${spool.run.id}: waits (${whyItWaits(spool, baseUrl)})\n`);
  if (outcomes.length + left.length === 0) await context.stdout.write('nothing waits to be sent\n');
  if (outcomes.some(({ sent }) => !sent)) context.exitCode = 1;
}
