import { RookeryError } from '@rookery/contracts';
import type { DeadLetter, TaskQueue } from '@rookery/queue';
import { integer } from '../config/kinds.ts';
import type { CommandContext } from '../context.ts';
import { parseFlag } from '../produce/parse-flag.ts';
import { openQueuesOf } from '../queues.ts';
import { printable } from '../ui/printable.ts';
import { renderTable } from '../ui/table.ts';

export interface QueueCommandOptions {
  readonly lane?: 'events' | 'jobs';
  readonly queue?: string;
  readonly queueName?: string;
  readonly json?: boolean;
}

export type CreateOptions = Omit<QueueCommandOptions, 'lane'>;

export interface DeadOptions extends QueueCommandOptions {
  readonly limit?: string;
  readonly all?: boolean;
}

type Lane = readonly [name: 'events' | 'jobs', queue: TaskQueue];

/** Calls `use` with the queues asked for, and closes them. */
async function withLanes<T>(
  options: QueueCommandOptions,
  context: CommandContext,
  use: (lanes: readonly Lane[]) => Promise<T>,
  create = false,
): Promise<T> {
  const { queue: address, queueName: name, lane } = options;
  const config = await context.config({ queue: { address, name } });
  const log = await context.logger({ service: 'queue', stderr: context.verbose });
  await using queues = await openQueuesOf(config, { log, create });
  const lanes: readonly Lane[] = [
    ['events', queues.events],
    ['jobs', queues.jobs],
  ];
  return await use(lanes.filter(([each]) => lane === undefined || each === lane));
}

/** `rookery queue create`. */
export async function createQueues(options: CreateOptions, context: CommandContext): Promise<void> {
  const names = (lanes: readonly Lane[]) => Promise.resolve(lanes.map(([, { name }]) => name));
  const queues = await withLanes(options, context, names, true);
  const text = `${queues.join(' and ')} are there, each with a place for its dead letters\n`;
  await context.stdout.write(options.json ? `${JSON.stringify({ queues })}\n` : text);
}

/** `rookery queue show`. */
export async function showQueues(options: QueueCommandOptions, context: CommandContext): Promise<void> {
  const depths = await withLanes(options, context, (lanes) =>
    Promise.all(lanes.map(async ([lane, queue]) => ({ lane, ...(await queue.depth(context.signal)) }))),
  );
  if (options.json) return context.stdout.write(`${JSON.stringify(depths)}\n`);
  const titles = ['READY', 'DELAYED', 'LEASED', 'DEAD', 'OLDEST'].map((title) => ({ title, align: 'right' as const }));
  const rows = depths.map(({ lane, ready, delayed, leased, dead, oldestMs }) => [
    lane,
    ...[ready, delayed, leased, dead].map(String),
    oldestMs === undefined ? '' : `${Math.round(oldestMs / 1_000)} s`,
  ]);
  await context.stdout.write(renderTable([{ title: 'QUEUE' }, ...titles], rows));
}

/** `rookery queue dead`. */
export async function listDead(id: string | undefined, options: DeadOptions, context: CommandContext): Promise<void> {
  const limit = parseFlag('--limit', integer(1, 10_000), options.limit) ?? 50;
  const letters = await withLanes(options, context, async (lanes) => {
    const found = await Promise.all(
      lanes.map(async ([lane, { dead }]) => {
        const some = id === undefined ? await dead.list(limit, context.signal) : [await dead.read(id, context.signal)];
        return some.filter((letter) => letter !== undefined).map((letter) => ({ lane, ...letter }));
      }),
    );
    return found.flat();
  });
  if (id !== undefined && letters.length === 0) throw noLetter(`${id}`);
  if (options.json) return context.stdout.write(letters.map((letter) => `${JSON.stringify(letter)}\n`).join(''));
  if (letters.length === 0) return context.stdout.write('no dead letters\n');
  if (id !== undefined) return context.stdout.write(letters.map(wholeOf).join('\n'));
  const rows = letters.map((letter) => [letter.lane, letter.id, timeOf(letter), letter.reason.code, subjectOf(letter)]);
  const titles = ['QUEUE', 'ID', 'BURIED', 'REASON', 'PICTURES'].map((title) => ({ title }));
  await context.stdout.write(renderTable(titles, rows));
}

/** `rookery queue redrive`. */
export const redriveDead = (ids: readonly string[], options: DeadOptions, context: CommandContext): Promise<void> =>
  settle('redrive', ids, options, context);

/** `rookery queue purge`. */
export const purgeDead = (ids: readonly string[], options: DeadOptions, context: CommandContext): Promise<void> =>
  settle('purge', ids, options, context);

async function settle(
  what: 'redrive' | 'purge',
  ids: readonly string[],
  options: DeadOptions,
  context: CommandContext,
): Promise<void> {
  if (ids.length > 0 === (options.all === true))
    throw new RookeryError('USAGE', { detail: 'name dead letters, or say --all' });
  const { signal } = context;
  const named = [...new Set(ids)];
  const counts = await withLanes(options, context, (lanes) =>
    Promise.all(lanes.map(([, { dead }]) => dead[what](options.all ? undefined : named, signal))),
  );
  const letters = counts.reduce((sum, count) => sum + count, 0);
  const done = what === 'redrive' ? 'sent again' : 'forgotten';
  const text = `${letters} dead letter${letters === 1 ? '' : 's'} ${done}\n`;
  const missing = named.length - letters;
  // What was found is settled and reported, even if something else was not found.
  if (letters > 0 || missing <= 0 || options.json)
    await context.stdout.write(options.json ? `${JSON.stringify({ letters })}\n` : text);
  if (missing > 0) throw noLetter(letters === 0 ? named.join(', ') : `${missing} of ${named.join(', ')}`);
}

const noLetter = (which: string): RookeryError =>
  new RookeryError('OBJECT_NOT_FOUND', { detail: `dead letter ${which}` });

const timeOf = ({ buriedAt }: DeadLetter): string => new Date(buriedAt).toISOString().slice(0, 19).replace('T', ' ');

const wholeOf = (letter: DeadLetter & { readonly lane: string }): string =>
  [
    `queue    ${letter.lane}`,
    `id       ${letter.id}`,
    `buried   ${timeOf(letter)}`,
    `reason   ${letter.reason.code}: ${printable(letter.reason.detail)}`,
    `message  ${printable(letter.message)}`,
    '',
  ].join('\n');

/** What a message is about, as far as it can be read: a message may hold anything. */
function subjectOf({ message }: DeadLetter): string {
  try {
    const { job, seq, items } = JSON.parse(message) as { job?: unknown; seq?: unknown; items?: { key?: unknown }[] };
    const first = items?.[0]?.key;
    const keys = typeof first === 'string' ? `${first}${(items?.length ?? 0) > 1 ? ' ...' : ''}` : '';
    return printable([typeof job === 'string' ? `${job}/${seq}` : '', keys].filter(Boolean).join(' ').slice(0, 80));
  } catch {
    return printable(message.slice(0, 40));
  }
}
