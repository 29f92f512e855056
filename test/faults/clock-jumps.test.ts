import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { folderStore, redisQueue } from './harness/backends.ts';
import { expectUndisturbed } from './harness/expectations.ts';
import { Fleet } from './harness/fleet.ts';
import { queuesUnderTest } from './harness/queues-under-test.ts';
import { seededRandom } from './harness/random.ts';
import { stormOfKills } from './harness/storm.ts';
import { undisturbedText } from './harness/undisturbed.ts';

const hour = 3_600_000;
/** Soon after the start, while the model loads; and again and again while it works. */
const jumps = [
  { afterMs: 200, byMs: 5 * hour },
  { afterMs: 1_500, byMs: -30 * hour },
  { afterMs: 2_500, byMs: 100 * 24 * hour },
  { afterMs: 3_500, byMs: -200 * 24 * hour },
  { afterMs: 5_000, byMs: 60_000 },
];

describe('the clock jumps', () => {
  let fleet: Fleet;
  afterEach(() => fleet[Symbol.asyncDispose]());

  describe.each(queuesUnderTest())('of workers on $name', ({ available, place }) => {
    beforeEach(async () => {
      fleet = await Fleet.open({ queue: place(), pictures: folderStore(inject('undisturbed').pictures) });
    });

    it.skipIf(!available)(
      'by hours and days, forwards and backwards: durations and order come from elsewhere',
      async () => {
        await fleet.enqueue('jumps', ['--task-size', '8']);
        const workers = [jumps, jumps.map(({ afterMs, byMs }) => ({ afterMs, byMs: -byMs }))].map((clock) =>
          fleet.worker({ fault: { clock } }),
        );
        await fleet.untilDone('jumps');
        expect(workers.some(({ hasEnded }) => hasEnded)).toBe(false);
        await expectUndisturbed(fleet, 'jumps', { text: await undisturbedText() });
      },
    );
  });

  it.skipIf(!inject('services').redis.available)('of a producer and of workers that are killed, too', async () => {
    const queue = redisQueue(inject('services').redis.url);
    fleet = await Fleet.open({ queue, pictures: folderStore(inject('undisturbed').pictures) });
    const clock = [{ afterMs: 100, byMs: 48 * hour }];
    await fleet.enqueue('killed', ['--task-size', '8'], { fault: { clock } });
    const random = seededRandom('clock and kills');
    await stormOfKills(fleet, 'killed', { kills: 6, random, start: { fault: { clock: jumps } } });
    fleet.worker({ fault: { clock: [{ afterMs: 100, byMs: -48 * hour }] } });
    await expectUndisturbed(fleet, 'killed', { text: await undisturbedText() });
  });
});
