import { setTimeout as sleep } from 'node:timers/promises';
import { silentLogger } from '@rookery/telemetry';
import { describe, expect, it } from 'vitest';
import { BackgroundClassifier } from '../src/serving/background-classifier.ts';
import { sharedEngine } from '../src/serving/shared-engine.ts';
import { aPhotograph, aService } from './a-service.ts';
import { ConstantEngine, forEver } from './constant-engine.ts';

const classifier = { threads: 1, batch: 4, tuning: 'never', log: silentLogger } as const;

describe('a worker beside the service', () => {
  it('labels with the model that answers callers: one in memory, the same numbers', async () => {
    await using service = await aService();
    const engine = sharedEngine(service.models, classifier);
    const model = await service.registry.load('content');
    await using worker = await engine.open(model, await engine.pinOf(model));
    expect(service.models.loaded()).toHaveLength(1);
    expect(service.models.loaded()[0]?.users).toBe(1);
    const photograph = await aPhotograph();
    const [job, call] = await Promise.all([
      worker.classify(Uint8Array.from(photograph), { top: 3 }),
      service.app.inject({
        method: 'POST',
        url: '/v1/classify',
        headers: { 'content-type': 'image/jpeg' },
        payload: photograph,
      }),
    ]);
    expect(job.predictions).toEqual(call.json().images[0].predictions);
    await worker[Symbol.asyncDispose]();
    expect(service.models.loaded()[0]?.users).toBe(0);
  }, 60_000);

  it('has a model of its own for a job that was made under other limits', async () => {
    await using service = await aService();
    const engine = sharedEngine(service.models, classifier);
    const model = await service.registry.load('content');
    await using strict = await engine.open(model, { ...(await engine.pinOf(model)), maxPixels: 10_000 });
    await expect(strict.classify(Uint8Array.from(await aPhotograph()), { top: 1 })).rejects.toMatchObject({
      code: 'PICTURE_TOO_LARGE',
    });
    expect(service.models.loaded()[0]?.users).toBe(0);
  }, 60_000);

  it('takes a bounded part of the queue, so that a caller is soon next', async () => {
    const engine = new ConstantEngine({ pictureMs: forEver });
    let released = 0;
    const background = new BackgroundClassifier(engine, { pictures: 3, release: () => (released += 1) });
    const given = Array.from({ length: 50 }, () => background.classify(new Uint8Array(10), { top: 1 }));
    const settled = Promise.allSettled(given);
    await sleep(10);
    expect(engine.load().pending).toBe(3);
    expect(background.load()).toEqual({ pending: 50, pendingBytes: 500 });
    await background[Symbol.asyncDispose]();
    await background[Symbol.asyncDispose]();
    const outcomes = await settled;
    expect(outcomes.every((each) => each.status === 'rejected' && each.reason.code === 'ABORTED')).toBe(true);
    expect([released, engine.load().pending]).toEqual([1, 0]);
  });

  it('gives up a picture whose task is given up, and lets the next one in', async () => {
    const engine = new ConstantEngine({ pictureMs: 1 });
    const background = new BackgroundClassifier(engine, { pictures: 1, release: () => {} });
    const controller = new AbortController();
    const given = [
      background.classify(new Uint8Array(1), { top: 1 }),
      background.classify(new Uint8Array(1), { top: 1, signal: controller.signal }),
      background.classify(new Uint8Array(1), { top: 1 }),
    ];
    controller.abort();
    const outcomes = await Promise.allSettled(given);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});
