import type { Task } from '@rookery/contracts';
import type { TestAPI } from 'vitest';
import type { Delivery, TaskQueue } from '../../src/index.ts';

/** A queue of its own for one test, and what the suite needs beyond the port. */
export interface TestQueue extends AsyncDisposable {
  readonly queue: TaskQueue;
  /** Another worker's or producer's view of the same queue; the test disposes of it. */
  again(): Promise<TaskQueue>;
  /** Whether its server says how long a task has waited. */
  readonly tellsAge: boolean;
  /** A message as somebody else might put it there. */
  sendRaw(message: string): Promise<void>;
}

export type OpenTestQueue = (options: { leaseMs: number }) => Promise<TestQueue>;

/** Each test has a queue of its own, so they run side by side. */
export type ConformanceTest = TestAPI<{ opened: TestQueue }>;

export const leaseMs = 2_000;

/** Everything that comes until there is nothing for `quietMs`. */
export async function drain(queue: TaskQueue, quietMs = 300): Promise<Delivery[]> {
  const all: Delivery[] = [];
  for (;;) {
    const some = await queue.receive(10, { waitMs: quietMs });
    if (some.length === 0) return all;
    all.push(...some);
  }
}

/** The one task that must come. */
export async function receiveOne(queue: TaskQueue, waitMs = 5_000): Promise<Delivery> {
  const [delivery, ...more] = await queue.receive(1, { waitMs });
  if (delivery === undefined || more.length > 0) throw new Error(`received ${delivery ? 'too much' : 'nothing'}`);
  return delivery;
}

/** The picture that a task of these tests is about. */
export function keyOf({ task }: Delivery): string {
  if (task instanceof Error) throw task;
  return task.items?.[0]?.key ?? '';
}

export const keysOf = (deliveries: readonly Delivery[]): string[] => deliveries.map(keyOf).sort();

export const firstKey = (task: Task): string => task.items?.[0]?.key ?? '';

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** Asks again until it is so: counts of a server may lag behind. */
export async function eventually<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  for (let left = 100; ; left -= 1) {
    const answer = await ask();
    if (isSo(answer) || left === 0) return answer;
    await sleep(50);
  }
}
