import { collectGarbage } from '@rookery/models';
import { duration } from '../config/kinds.ts';
import type { CommandContext } from '../context.ts';
import { parseFlag } from '../produce/parse-flag.ts';
import { configuredRegistry, type ModelsOptions, printJson, sizeText } from './models-registry.ts';

export interface GarbageFlags extends ModelsOptions {
  readonly olderThan: string;
  readonly dryRun?: boolean;
}

/** `rookery models gc` */
export async function removeGarbage(options: GarbageFlags, context: CommandContext): Promise<void> {
  const olderThanMs = parseFlag('--older-than', duration(0), options.olderThan) ?? 0;
  const dryRun = options.dryRun === true;
  await using registry = await configuredRegistry(options, context);
  const garbage = await collectGarbage(registry, { olderThanMs, dryRun });
  if (options.json) return printJson(garbage, context);
  if (context.quiet) return;
  const what = dryRun ? 'would remove' : 'removed';
  const lines = garbage.map(
    ({ name, version, sizeBytes, createdAt }) =>
      `${what} ${name}@${version}  ${sizeText(sizeBytes)}, added ${createdAt.slice(0, 10)}`,
  );
  const total = garbage.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  lines.push(`${garbage.length} versions, ${sizeText(total)}`);
  await context.stdout.write(`${lines.join('\n')}\n`);
}
