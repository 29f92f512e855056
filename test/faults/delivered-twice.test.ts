import { jobLayout } from '@rookery/contracts';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { folderStore } from './harness/backends.ts';
import { expectUndisturbed } from './harness/expectations.ts';
import { Fleet } from './harness/fleet.ts';
import { queuesUnderTest } from './harness/queues-under-test.ts';
import { sendAgain } from './harness/send-again.ts';
import { undisturbedText } from './harness/undisturbed.ts';

describe.each(queuesUnderTest())('every task delivered twice, on $name', ({ available, place }) => {
  let fleet: Fleet;
  beforeEach(async () => {
    fleet = await Fleet.open({ queue: place(), pictures: folderStore(inject('undisturbed').pictures) });
  });
  afterEach(() => fleet[Symbol.asyncDispose]());

  it.skipIf(!available)('at once and later, gives each result once and leaves it as it is', async () => {
    await fleet.enqueue('twice');
    await sendAgain(fleet, 'twice');
    fleet.worker();
    fleet.worker();
    const text = await undisturbedText();
    await expectUndisturbed(fleet, 'twice', { text, goesOn: true });
    const before = await times();
    await sendAgain(fleet, 'twice');
    await expectUndisturbed(fleet, 'twice', { text });
    expect(await times()).toEqual(before);
  });

  /** When each result was written. */
  const times = async (): Promise<unknown[]> => {
    const found: unknown[] = [];
    for await (const page of fleet.store.list(jobLayout('twice').results))
      found.push(...page.map(({ key, etag, lastModified }) => [key, etag, lastModified]));
    return found;
  };
});
