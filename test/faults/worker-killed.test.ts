import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { folderStore } from './harness/backends.ts';
import { expectUndisturbed } from './harness/expectations.ts';
import type { FaultCall } from './harness/fault.ts';
import { Fleet } from './harness/fleet.ts';
import { queuesUnderTest } from './harness/queues-under-test.ts';
import { seededRandom } from './harness/random.ts';
import { stormOfKills } from './harness/storm.ts';
import { undisturbedText } from './harness/undisturbed.ts';

/** As BullMQ's script for it is called, and SQS' request for it. */
const acknowledgement = 'completed|DeleteMessageBatch';
const stages: Readonly<Record<string, FaultCall>> = {
  'with tasks leased and nothing begun': { call: 'ask', when: 'before', match: 'cancelled$' },
  'before a picture is read': { call: 'open', when: 'before', match: '\\.jpg$', nth: 2 },
  'with pictures read': { call: 'close', when: 'after', match: '\\.jpg$', nth: 3 },
  'with pictures labelled': { call: 'answers', when: 'after', nth: 2 },
  'with a result half written': { call: 'create', when: 'after', match: '\\.rookery-tmp' },
  'with a result that nobody sees yet': { call: 'link', when: 'before', match: 'results/' },
  'with its second result written': { call: 'link', when: 'after', match: 'results/', nth: 2 },
  'before it acknowledges': { call: 'send', when: 'before', match: acknowledgement },
  'after it has acknowledged': { call: 'send', when: 'after', match: acknowledgement },
};

describe.each(queuesUnderTest())('a worker that is killed, on $name', ({ name, available, place }) => {
  let fleet: Fleet;
  beforeEach(async () => {
    fleet = await Fleet.open({ queue: place(), pictures: folderStore(inject('undisturbed').pictures) });
  });
  afterEach(() => fleet[Symbol.asyncDispose]());

  it.skipIf(!available)('in every stage of its work loses nothing and doubles nothing', async () => {
    await fleet.enqueue('stages', ['--task-size', '4']);
    for (const killAt of Object.values(stages)) {
      // Few tasks each, so that there is work left for all.
      const worker = fleet.worker({ fault: { killAt }, env: { ROOKERY_LEASE_AHEAD: '8' } });
      expect([killAt, await worker.ended]).toEqual([killAt, { code: null, signal: 'SIGKILL' }]);
    }
    const last = fleet.worker({ fault: { killAt: { call: 'link', when: 'before', match: 'summary\\.json' } } });
    // Everything is done, and whoever should have summed it up is gone.
    expect(await last.ended).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await fleet.ledger.findSummary('stages')).toBeUndefined();
    await expectUndisturbed(fleet, 'stages', { text: await undisturbedText() });
  });

  it.skipIf(!available)(
    'again and again, at any moment, loses nothing, doubles nothing and buries nothing',
    async () => {
      await fleet.enqueue('storm', ['--task-size', '8']);
      const kills = await stormOfKills(fleet, 'storm', { kills: 16, random: seededRandom(`storm on ${name}`) });
      expect(kills).toBeGreaterThan(4);
      fleet.worker();
      await expectUndisturbed(fleet, 'storm', { text: await undisturbedText() });
      await expectSwept(fleet, kills);
    },
  );
});

/** What a killed worker was writing stays for a day, so that nobody takes it from one that lives, and goes with the first write after that. */
async function expectSwept(fleet: Fleet, kills: number): Promise<void> {
  const folder = join(fleet.place.location, '.rookery-tmp');
  const left = await readdir(folder);
  expect(left.length).toBeLessThanOrEqual(kills * 16);
  const yesterday = new Date(Date.now() - 25 * 3_600_000);
  for (const name of left) await utimes(join(folder, name), yesterday, yesterday);
  await fleet.enqueue('next', ['--limit', '1']);
  expect(await readdir(folder)).toEqual([]);
}
