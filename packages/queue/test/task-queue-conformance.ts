import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aTask } from './a-task.ts';
import { keepsDeadLetters } from './conformance/dead-letters.ts';
import { delivers } from './conformance/delivering.ts';
import { leases } from './conformance/leasing.ts';
import { readsMessages } from './conformance/messages.ts';
import { settles } from './conformance/settling.ts';
import { keysOf, leaseMs, type OpenTestQueue, type TestQueue } from './conformance/test-queue.ts';

/** What every adapter promises, on a real server. `open` makes a queue that no other test uses. */
export function taskQueueConformance(name: string, open: OpenTestQueue): void {
  describe(`${name} keeps the promises of TaskQueue`, () => {
    let opened: TestQueue;
    beforeEach(async () => {
      opened = await open({ leaseMs });
    });
    afterEach(() => opened[Symbol.asyncDispose]());

    describe('delivering', () => delivers(() => opened));
    describe('leases', () => leases(() => opened));
    describe('settling', () => settles(() => opened));
    describe('dead letters', () => keepsDeadLetters(() => opened));
    describe('messages of others', () => readsMessages(() => opened));

    it('does not mix two queues of one server', async () => {
      await using other = await open({ leaseMs });
      await opened.queue.send([aTask('mine')]);
      await other.queue.send([aTask('theirs')]);
      expect(keysOf(await opened.queue.receive(10, { waitMs: 2_000 }))).toEqual(['mine']);
      expect(keysOf(await other.queue.receive(10, { waitMs: 2_000 }))).toEqual(['theirs']);
      expect(await opened.queue.receive(10, { waitMs: 200 })).toEqual([]);
    });

    it('says what it was opened with', () => {
      expect(opened.queue.leaseMs).toBe(leaseMs);
      expect(opened.queue.name).not.toBe('');
    });
  });
}
