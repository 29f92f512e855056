import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { folderStore } from './harness/backends.ts';
import { expectUndisturbed, resultsOf } from './harness/expectations.ts';
import { Fleet } from './harness/fleet.ts';
import { queuesUnderTest } from './harness/queues-under-test.ts';
import { undisturbedText } from './harness/undisturbed.ts';
import { until } from './harness/until.ts';

describe.each(queuesUnderTest())(
  'a worker that stands still past its leases and goes on, on $name',
  ({ available, place }) => {
    let fleet: Fleet;
    beforeEach(async () => {
      fleet = await Fleet.open({ queue: place(), pictures: folderStore(inject('undisturbed').pictures) });
    });
    afterEach(() => fleet[Symbol.asyncDispose]());

    it.skipIf(!available)('harms nothing when all has been done without it', async () => {
      await fleet.enqueue('frozen');
      const late = await fleet.warmWorker();
      await using queues = await fleet.queues();
      await until('it works', async () => (await queues.jobs.depth()).leased > 0);
      late.signal('SIGSTOP');
      const other = fleet.worker();
      await fleet.untilDone('frozen');
      const { text } = await resultsOf(fleet, 'frozen');
      expect(text).toBe(await undisturbedText());
      late.signal('SIGCONT');
      // It settles what it had, each of which another worker has settled; then it is as good as any.
      await until('it has caught up', async () => (await queues.jobs.depth()).leased === 0);
      other.signal('SIGTERM');
      await other.ended;
      await fleet.enqueue('after');
      await fleet.untilDone('after');
      expect(late.hasEnded).toBe(false);
      await expectUndisturbed(fleet, 'frozen', { text, goesOn: true });
      await expectUndisturbed(fleet, 'after', { text });
    });

    it.skipIf(!available)('again and again while others work, doubles nothing', async () => {
      await fleet.enqueue('stuttering', ['--task-size', '8']);
      const workers = [await fleet.warmWorker(), await fleet.warmWorker()];
      for (const worker of workers) {
        worker.signal('SIGSTOP');
        await sleep(5_000);
        worker.signal('SIGCONT');
      }
      await expectUndisturbed(fleet, 'stuttering', { text: await undisturbedText() });
    });
  },
);
