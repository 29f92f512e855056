import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { folderStore, redisQueue } from './harness/backends.ts';
import { expectUndisturbed } from './harness/expectations.ts';
import { Fleet } from './harness/fleet.ts';
import { undisturbedText } from './harness/undisturbed.ts';

const { redis } = inject('services');
const workerWithFaultyEngine = fileURLToPath(new URL('harness/worker-with-faulty-engine.mjs', import.meta.url));

describe.skipIf(!redis.available)("the engine's thread", () => {
  let fleet: Fleet;
  beforeEach(async () => {
    fleet = await Fleet.open({ queue: redisQueue(redis.url), pictures: folderStore(inject('undisturbed').pictures) });
  });
  afterEach(() => fleet[Symbol.asyncDispose]());

  it('that dies is replaced, and its pictures are done again', async () => {
    await fleet.enqueue('dies');
    const worker = fleet.worker({ fault: { engineDies: { afterBatches: 4, times: 5 } } });
    await fleet.untilDone('dies');
    expect(worker.hasEnded).toBe(false);
    expect(worker.log.some(({ msg }) => msg?.includes('the engine failed'))).toBe(true);
    await expectUndisturbed(fleet, 'dies', { text: await undisturbedText() });
  });

  it('that hangs is replaced, and its pictures are done again', async () => {
    await fleet.enqueue('hangs');
    const worker = fleet.start([], { entry: workerWithFaultyEngine });
    await fleet.untilDone('hangs');
    expect(worker.hasEnded).toBe(false);
    expect(worker.log.some(({ msg }) => msg?.includes('the engine failed'))).toBe(true);
    await expectUndisturbed(fleet, 'hangs', { text: await undisturbedText() });
  });
});
