import { findGarbage, type Garbage, removeGarbage } from '@rookery/models';
import { duration } from '../config/kinds.ts';
import type { CommandContext } from '../context.ts';
import { openLedger } from '../produce/jobs-store.ts';
import { parseFlag } from '../produce/parse-flag.ts';
import { pinnedByJobs } from '../produce/pinned-by-jobs.ts';
import { configuredRegistry, type ModelsOptions, printJson, sizeText } from './models-registry.ts';

export interface GarbageFlags extends ModelsOptions {
  readonly olderThan: string;
  readonly dryRun?: boolean;
  /** Whose unfinished jobs keep what they name. */
  readonly store?: string;
}

/** `rookery models gc` */
export async function collectGarbage(options: GarbageFlags, context: CommandContext): Promise<void> {
  const olderThanMs = parseFlag('--older-than', duration(0), options.olderThan) ?? 0;
  const dryRun = options.dryRun === true;
  await using registry = await configuredRegistry(options, context);
  const unnamed = await findGarbage(registry, olderThanMs);
  const pinned = unnamed.length > 0 ? await pinnedIn(options, context) : new Map<string, string[]>();
  const unpinned = unnamed.filter((each) => !pinned.has(nameOf(each)));
  const garbage = dryRun ? unpinned : await removeGarbage(registry, unpinned);
  if (options.json) return printJson(garbage, context);
  if (context.quiet) return;
  const what = dryRun ? 'would remove' : 'removed';
  const kept = unnamed.flatMap((each) => {
    const jobs = pinned.get(nameOf(each));
    return jobs ? [`kept ${nameOf(each)}  for ${jobs.length === 1 ? 'job' : 'jobs'} ${shortList(jobs)}`] : [];
  });
  const lines = garbage.map(
    (each) => `${what} ${nameOf(each)}  ${sizeText(each.sizeBytes)}, added ${each.createdAt.slice(0, 10)}`,
  );
  const total = garbage.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  lines.push(`${garbage.length} ${garbage.length === 1 ? 'version' : 'versions'}, ${sizeText(total)}`);
  await context.stdout.write(`${[...kept, ...lines].join('\n')}\n`);
}

async function pinnedIn({ store }: GarbageFlags, context: CommandContext): Promise<Map<string, string[]>> {
  await using opened = await openLedger({ ...(store !== undefined && { store }) }, context);
  return pinnedByJobs(opened.ledger, context.signal);
}

const nameOf = ({ name, version }: Garbage): string => `${name}@${version}`;

const shortList = (jobs: readonly string[]): string =>
  jobs.length > 3 ? `${jobs.slice(0, 3).join(', ')} and ${jobs.length - 3} more` : jobs.join(', ');
