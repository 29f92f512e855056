import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fleet, sleep } from './fleet.ts';

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open();
});
afterEach(() => fleet[Symbol.asyncDispose]());

const tasksOf = (keys: readonly string[], size: number) =>
  Array.from({ length: Math.ceil(keys.length / size) }, (_, at) =>
    keys.slice(at * size, (at + 1) * size).map((key) => ({ key })),
  );

describe('a worker that is stopped', { timeout: 90_000 }, () => {
  it('finishes what it has begun, hands the rest back at once, and leases nothing more', async () => {
    await fleet.job('stopped', tasksOf(await fleet.copies(400), 10));
    const worker = await fleet.start();
    await fleet.result('stopped', 0);
    await worker.stop({ graceMs: 20_000 });
    const { ready, leased, delayed, dead } = await fleet.queues.jobs.depth();
    let done = 0;
    for (let seq = 0; seq < 40; seq++) if (await fleet.ledger.resultExists('stopped', seq)) done++;
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(40);
    expect({ ready, leased, delayed, dead }).toEqual({ ready: 40 - done, leased: 0, delayed: 0, dead: 0 });
    expect(worker.ready).toBe(false);
    await worker.done;
  });

  it('hands everything back when there is no grace, and another one does it all', async () => {
    const keys = await fleet.copies(100);
    await fleet.job('handed-back', tasksOf(keys, 50));
    const worker = await fleet.start();
    while (worker.inFlight < 2) await sleep(2);
    await worker.stop({ graceMs: 0 });
    expect(await fleet.queues.jobs.depth()).toMatchObject({ leased: 0, delayed: 0 });
    await fleet.start();
    expect((await fleet.result('handed-back', 0)) + (await fleet.result('handed-back', 1))).toBe(
      await fleet.expected(keys),
    );
  });

  it('that is idle ends at once, and leaves no timer or socket that keeps the process', async () => {
    const worker = await fleet.start({ health: { port: 0 } });
    await sleep(50);
    const startedAt = performance.now();
    await worker.stop();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await expect(fetch(`${worker.healthUrl}/health/live`)).rejects.toThrow();
  });
});

describe('health', { timeout: 90_000 }, () => {
  it('says live at once, ready when the model is warm, and counts', async () => {
    const worker = await fleet.start({ health: { port: 0 }, warm: ['content'] });
    const get = async (path: string) => {
      const response = await fetch(`${worker.healthUrl}${path}`);
      return [response.status, await response.text()] as const;
    };
    expect((await get('/health/live'))[0]).toBe(200);
    expect((await get('/health/ready'))[0]).toBe(503);
    await worker.whenReady;
    expect((await get('/health/ready'))[0]).toBe(200);
    await fleet.put('bad.jpg', 'x');
    await fleet.job('counted', tasksOf([...(await fleet.copies(5)), 'bad.jpg'], 6));
    await fleet.result('counted', 0);
    await fleet.settled();
    const [, text] = await get('/metrics');
    expect(text).toMatch(/rookery_pictures_total\{outcome="labelled"[^}]*\} 5/);
    expect(text).toMatch(/rookery_picture_errors_total\{code="UNSUPPORTED_FORMAT"[^}]*\} 1/);
    expect(text).toMatch(/rookery_tasks_total\{outcome="done"[^}]*\} 1/);
    expect(text).toMatch(/rookery_models_loaded\{[^}]*\} 1/);
    expect(text).toMatch(/rookery_leases\{[^}]*\} 0/);
    const [status, page] = await get('/');
    expect(status).toBe(200);
    expect(page).toMatch(/Warm models<\/th><td>content@[0-9a-f]{12} \(fp32\)<\/td>/);
    expect(page).toContain('<th scope="row">Drift</th><td>not watched</td>');
    expect((await get('/elsewhere'))[0]).toBe(404);
  });

  it('a worker whose model cannot be had says so and ends', async () => {
    const worker = await fleet.start({ warm: ['no-such-model'] });
    await expect(worker.whenReady).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    await expect(worker.done).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });
});
