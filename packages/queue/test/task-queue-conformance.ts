import { describe, expect, test } from 'vitest';
import { aTask } from './a-task.ts';
import { keepsDeadLetters } from './conformance/dead-letters.ts';
import { delivers } from './conformance/delivering.ts';
import { leases } from './conformance/leasing.ts';
import { readsMessages } from './conformance/messages.ts';
import { settles } from './conformance/settling.ts';
import { type ConformanceTest, keysOf, leaseMs, type OpenTestQueue, type TestQueue } from './conformance/test-queue.ts';

/** What every adapter promises, on a real server. `open` makes a queue that no other test uses. */
export function taskQueueConformance(name: string, open: OpenTestQueue): void {
  const it: ConformanceTest = test.extend<{ opened: TestQueue }>({
    // biome-ignore lint/correctness/noEmptyPattern: vitest wants the fixtures that this one uses
    opened: async ({}, use) => {
      await using opened = await open({ leaseMs });
      await use(opened);
    },
  });

  describe(`${name} keeps the promises of TaskQueue`, () => {
    describe('delivering', () => delivers(it));
    describe('leases', () => leases(it));
    describe('settling', () => settles(it));
    describe('dead letters', () => keepsDeadLetters(it));
    describe('messages of others', () => readsMessages(it));

    it.concurrent('does not mix two queues of one server', async ({ opened }) => {
      await using other = await open({ leaseMs });
      await opened.queue.send([aTask('mine')]);
      await other.queue.send([aTask('theirs')]);
      expect(keysOf(await opened.queue.receive(10, { waitMs: 2_000 }))).toEqual(['mine']);
      expect(keysOf(await other.queue.receive(10, { waitMs: 2_000 }))).toEqual(['theirs']);
      expect(await opened.queue.receive(10, { waitMs: 200 })).toEqual([]);
    });

    it.concurrent('says what it was opened with', async ({ opened }) => {
      expect(opened.queue.leaseMs).toBe(leaseMs);
      expect(opened.queue.name).not.toBe('');
    });
  });
}
