import { utimes } from 'node:fs/promises';
import { fleetLayout, pinDigest, RookeryError, WorkerBeat } from '@rookery/contracts';
import type { ObjectInfo } from '@rookery/storage';
import { createLogger } from '@rookery/telemetry';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { WorkerOptions } from '../src/index.ts';
import { Fleet, registryIn } from './fleet.ts';

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open();
});
afterEach(() => fleet[Symbol.asyncDispose]());

async function signs(): Promise<ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  for await (const page of fleet.store.list(fleetLayout.root)) found.push(...page);
  return found;
}

it('a worker leaves a sign of life in the store, and takes it away when it stops', async () => {
  const worker = await fleet.start({ lifeSigns: true, warm: ['content'] });
  await worker.whenReady;
  await expect.poll(signs).toHaveLength(1);
  const [{ key = '' } = {}] = await signs();
  const sign = WorkerBeat.parse(JSON.parse(Buffer.from((await fleet.store.get(key)).body).toString()));
  expect(key).toBe(fleetLayout.worker(sign.id));
  await worker.stop({ graceMs: 1_000 });
  expect(await signs()).toEqual([]);
});

it('signs of workers that were killed go with the next worker that starts, a day later', async () => {
  for (const [id, hours] of [
    ['long-gone', 25],
    ['perhaps-alive', 23],
  ] as const) {
    await fleet.store.put(fleetLayout.worker(id), '{}');
    const at = new Date(Date.now() - hours * 3_600_000);
    await utimes(new URL(fleetLayout.worker(id), fleet.store.location), at, at);
  }
  const worker = await fleet.start({ lifeSigns: true });
  const kept = async () => {
    const keys = (await signs()).map(({ key }) => key);
    return {
      signs: keys.length,
      alive: keys.includes(fleetLayout.worker('perhaps-alive')),
      gone: keys.includes(fleetLayout.worker('long-gone')),
    };
  };
  await expect.poll(kept).toEqual({ signs: 2, alive: true, gone: false });
  await worker.stop({ graceMs: 1_000 });
});

it('a sign of life tells the model, what was done and how long a picture takes', async () => {
  const keys = await fleet.copies(4);
  await fleet.job('birds', [keys.map((key) => ({ key }))]);
  const worker = await fleet.start({ warm: ['content'] });
  await fleet.result('birds', 0);
  await fleet.settled();
  expect(worker.sign()).toMatchObject({ state: 'ready', model: expect.stringMatching(/^content@/), pictures: 4 });
  expect(await signs()).toEqual([]);
  await worker.stop({ graceMs: 1_000 });
  expect(worker.sign().state).toBe('draining');
});

it('a sign of life tells which pins it cannot run and why, said once in the log, until it can', async () => {
  const lines: string[] = [];
  const log = createLogger({ level: 'debug', service: 'x', destination: { write: (line) => lines.push(line) } });
  const real = registryIn(fleet.folder);
  let isThere = false;
  const registry: WorkerOptions['registry'] = {
    load: (...asked) => (isThere ? real.load(...asked) : Promise.reject(new RookeryError('MODEL_NOT_FOUND'))),
  };
  await fleet.job('newer', [[{ key: 'acanthus-mollis.jpg' }], [{ key: 'nagasaki-boats.jpg' }]]);
  const worker = await fleet.start({ log, registry });
  await expect.poll(() => fleet.queues.jobs.depth()).toMatchObject({ delayed: 2 });
  const { name, version, variant } = fleet.pin.model;
  const why = `no ${name}@${version} (${variant}) in the registry`;
  expect(worker.sign().cannot).toEqual([{ pin: pinDigest(fleet.pin), why }]);
  expect(lines.filter((line) => line.includes('cannot run what tasks ask for'))).toHaveLength(1);
  isThere = true;
  await fleet.settled();
  expect(worker.sign().cannot).toEqual([]);
}, 30_000);

it('a task whose model is not there does not begin in isolation, however often it comes', async () => {
  const lines: string[] = [];
  const log = createLogger({ level: 'debug', service: 'x', destination: { write: (line) => lines.push(line) } });
  const pin = { ...fleet.pin, model: { ...fleet.pin.model, version: '99' } };
  await fleet.job('newer', [[{ key: 'acanthus-mollis.jpg' }]], { pin });
  for (let times = 0; times < 2; times++)
    for (const delivery of await fleet.queues.jobs.receive(1, { waitMs: 0 })) await delivery.retry(0);
  const worker = await fleet.start({ log });
  await expect.poll(() => fleet.queues.jobs.depth()).toMatchObject({ delayed: 1 });
  expect(worker.sign().cannot).toHaveLength(1);
  expect(lines.filter((line) => line.includes('in isolation'))).toEqual([]);
});
