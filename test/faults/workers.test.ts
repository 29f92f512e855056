import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { exited, RealFleet, sleep } from './real-fleet.ts';

const { redis } = inject('services');
let fleet: RealFleet;
beforeEach(async () => {
  fleet = await RealFleet.open(redis.url);
});
afterEach(() => fleet[Symbol.asyncDispose]());

const stages = ['leased', 'before-fetch', 'fetched', 'classified', 'before-write', 'written', 'before-ack', 'acked'];

describe.skipIf(!redis.available)('worker processes on Redis', () => {
  it('killed in every stage, one after another, lose and double nothing', async () => {
    const keys = await fleet.pictures(48);
    await fleet.job('killed', keys, 4);
    for (const [index, stage] of stages.entries()) {
      const worker = await fleet.worker({ killAt: { stage, times: 1 + (index % 3) } });
      // Where the job is done before the stage is reached so often, there is nothing left to kill.
      const died = await Promise.race([exited(worker), fleet.results('killed').then(() => undefined)]);
      if (died) expect(died.signal).toBe('SIGKILL');
    }
    await fleet.worker();
    expect(await fleet.results('killed')).toBe(await fleet.undisturbed(keys));
    await fleet.settled();
    expect(await fleet.dead()).toEqual([]);
  });

  it('terminated in the middle of a batch hand back at once what they have not finished', async () => {
    const keys = await fleet.pictures(200);
    await fleet.job('terminated', keys, 10);
    const worker = await fleet.worker({ graceMs: 0 });
    while ((await fleet.queues.jobs.depth()).leased === 0) await sleep(5);
    worker.kill('SIGTERM');
    expect(await exited(worker)).toEqual({ code: 0, signal: null });
    expect(await fleet.queues.jobs.depth()).toMatchObject({ leased: 0, delayed: 0, dead: 0 });
    await fleet.worker();
    expect(await fleet.results('terminated')).toBe(await fleet.undisturbed(keys));
    await fleet.settled();
    expect(await fleet.dead()).toEqual([]);
  });

  it('stopped past their leases and let go on harm nothing', async () => {
    const keys = await fleet.pictures(60);
    await fleet.job('frozen', keys, 10);
    const late = await fleet.worker();
    while ((await fleet.queues.jobs.depth()).leased === 0) await sleep(2);
    late.kill('SIGSTOP');
    await fleet.worker();
    const results = await fleet.results('frozen');
    late.kill('SIGCONT');
    await sleep(1_000);
    expect(await fleet.results('frozen')).toBe(results);
    expect(results).toBe(await fleet.undisturbed(keys));
    await fleet.settled();
    expect(await fleet.dead()).toEqual([]);
  });

  it('that are given every task twice, at once and later, write each result once', async () => {
    const keys = await fleet.pictures(40);
    const tasks = await fleet.job('twice', keys, 5);
    await fleet.queues.jobs.send(tasks);
    await Promise.all([fleet.worker(), fleet.worker()]);
    const results = await fleet.results('twice');
    await fleet.queues.jobs.send(tasks);
    await fleet.settled();
    expect(await fleet.results('twice')).toBe(results);
    expect(results).toBe(await fleet.undisturbed(keys));
  });

  it('find the picture that crashes them and set it aside alone', async () => {
    const keys = await fleet.pictures(24);
    const fatal = keys[13] ?? '';
    await fleet.job('fatal', keys, 8);
    const crashOver = await fleet.digestOf(fatal);
    const results = fleet.results('fatal');
    let done = false;
    void results.then(() => {
      done = true;
    });
    // As a supervisor does: start it again whenever it dies.
    let deaths = 0;
    while (!done && deaths < 10) {
      const worker = await fleet.worker({ crashOver });
      if (await Promise.race([exited(worker).then(() => true), results.then(() => false)])) deaths++;
    }
    const lines = (await results)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.filter(({ error }) => error)).toMatchObject([
      { key: fatal, error: { code: 'PICTURE_CRASHED_WORKER' } },
    ]);
    const others = keys.filter((key) => key !== fatal);
    const labelled = lines.filter(({ error }) => !error).map((line) => `${JSON.stringify(line)}\n`);
    expect(labelled.join('')).toBe(await fleet.undisturbed(others));
    expect(deaths).toBe(2);
    await fleet.settled();
    expect((await fleet.dead()).map(({ reason, message }) => [reason.code, JSON.parse(message).items])).toEqual([
      ['PICTURE_CRASHED_WORKER', [{ key: fatal }]],
    ]);
  });

  it('whose queue is lost go on with what is enqueued again, and nothing is lost', async () => {
    const keys = await fleet.pictures(60);
    const tasks = await fleet.job('lost', keys, 5);
    const worker = await fleet.worker({ killAt: { stage: 'written', times: 4 } });
    await exited(worker);
    // Everything that was enqueued is gone.
    for (let empty = 0; empty < 2; ) {
      const gone = await fleet.queues.jobs.receive(100, { waitMs: 3_000 });
      await Promise.all(gone.map((delivery) => delivery.ack()));
      empty = gone.length === 0 ? empty + 1 : 0;
    }
    const left = [];
    for (const task of tasks)
      if (!(await fleet.ledger.resultExists('lost', task.seq ?? 0))) left.push({ ...task, recheck: true });
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(tasks.length);
    await fleet.queues.jobs.send(left);
    await fleet.worker();
    expect(await fleet.results('lost')).toBe(await fleet.undisturbed(keys));
  });
});
