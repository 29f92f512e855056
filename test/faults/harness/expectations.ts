import { jobLayout } from '@rookery/contracts';
import type { DeadLetter, QueueDepth } from '@rookery/queue';
import { expect } from 'vitest';
import type { Fleet } from './fleet.ts';
import { until } from './until.ts';

export interface Expected {
  /** Of all lines in order. */
  readonly text: string;
  /** Code and keys of each dead letter that must be there; none by default. */
  readonly dead?: readonly { readonly code: string; readonly keys?: readonly string[] }[];
  /** Leave what runs running. */
  readonly goesOn?: boolean;
}

/**
 * After whatever happened: every item has exactly one line, byte for byte that of an undisturbed run; the dead letters are exactly those
 * expected; no task waits, no lease and no process is left; and what `jobs show` tells is so.
 */
export async function expectUndisturbed(fleet: Fleet, job: string, expected: Expected): Promise<void> {
  await fleet.untilDone(job);
  await expectEmptyQueues(fleet, expected.dead ?? []);
  if (!expected.goesOn) {
    const ended = await fleet.stop();
    expect(ended.every(({ code }) => code === 0)).toBe(true);
    await expectNoProcesses(fleet);
  }
  const { text, lines, tasks } = await resultsOf(fleet, job);
  // Compared as one text first: a difference then shows where it is.
  expect(text).toBe(expected.text);
  await expectShown(fleet, job, { text, lines, tasks });
}

/** What was started and what that has started is gone; who is orphaned notices within a moment. */
export async function expectNoProcesses(fleet: Fleet): Promise<void> {
  let seen: string[] = [];
  await until(
    'no process is left behind',
    async () => {
      seen = await fleet.processes();
      return seen.length === 0;
    },
    { ceilingMs: 20_000, seen: () => seen },
  );
}

/** All results in order; each with as many lines as its task has items. */
export async function resultsOf(fleet: Fleet, job: string): Promise<{ text: string; lines: number; tasks: number }> {
  const { results } = jobLayout(job);
  const sealed = await fleet.ledger.findSealed(job);
  let [text, tasks, lines] = ['', 0, 0];
  for await (const page of fleet.store.list(results)) {
    for (const { key } of page) {
      // Nothing else lies there: one result a task, named after it.
      expect(key).toBe(jobLayout(job).result(tasks));
      const piece = Buffer.from((await fleet.store.get(key)).body).toString();
      const { items } = await fleet.ledger.readTask(job, tasks);
      expect(piece.split('\n').length - 1).toBe(items.length);
      expect(piece.endsWith('\n')).toBe(true);
      text += piece;
      lines += items.length;
      tasks++;
    }
  }
  expect({ tasks, pictures: lines }).toEqual(sealed);
  return { text, lines, tasks };
}

/** Nothing waits, nothing is leased, and the dead letters are these. */
export async function expectEmptyQueues(fleet: Fleet, dead: NonNullable<Expected['dead']>): Promise<void> {
  await using queues = await fleet.queues();
  let seen: QueueDepth[] = [];
  const look = async (): Promise<number> => {
    seen = await Promise.all([queues.events.depth(), queues.jobs.depth()]);
    return seen.reduce((sum, { ready, delayed, leased }) => sum + ready + delayed + leased, 0);
  };
  // As long as there is less and less, somebody works on it.
  for (let least = Number.POSITIVE_INFINITY; least > 0; ) {
    const before = least;
    const fewer = async (): Promise<boolean> => {
      least = Math.min(before, await look());
      return least < before;
    };
    await until('nothing waits and nothing is leased', fewer, { seen: () => [seen, fleet.said()] });
  }
  const letters = [...(await queues.events.dead.list(100)), ...(await queues.jobs.dead.list(100))];
  expect(letters.map(outline).sort(byText)).toEqual(
    dead.map(({ code, keys }) => ({ code, ...(keys && { keys }) })).sort(byText),
  );
}

/** What `rookery jobs show` tells. */
async function expectShown(
  fleet: Fleet,
  job: string,
  { text, lines, tasks }: { text: string; lines: number; tasks: number },
) {
  const { progress, summary } = JSON.parse(await fleet.run(['jobs', 'show', job, '--json']));
  const failed = text.split('\n').filter((line) => line !== '' && JSON.parse(line).error).length;
  expect(progress).toMatchObject({
    state: 'complete',
    tasks: { done: tasks, planned: tasks },
    pictures: { done: lines, planned: lines },
    failed,
    leftMs: 0,
  });
  expect(summary).toMatchObject({ job, tasks, pictures: lines, labelled: lines - failed, failed });
}

/** The pictures of a letter where it is a task. */
function outline({ reason, message }: DeadLetter): { code: string; keys?: string[] } {
  try {
    const { items } = JSON.parse(message) as { items?: { key: string }[] };
    return { code: reason.code, ...(items && { keys: items.map(({ key }) => key) }) };
  } catch {
    return { code: reason.code };
  }
}

const byText = (a: object, b: object): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
