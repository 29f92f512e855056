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

  it.each(['dies', 'hangs'])('that %s is replaced, and its pictures are done again', async (trouble) => {
    await fleet.enqueue(trouble);
    const worker = fleet.start([], { entry: workerWithFaultyEngine, env: { ENGINE_TROUBLE: trouble } });
    await fleet.untilDone(trouble);
    expect(worker.hasEnded).toBe(false);
    expect(worker.log.some(({ msg }) => msg?.includes('the engine failed'))).toBe(true);
    await expectUndisturbed(fleet, trouble, { text: await undisturbedText() });
  });
});
