import { utimes } from 'node:fs/promises';
import { fleetLayout, WorkerBeat } from '@rookery/contracts';
import type { ObjectInfo } from '@rookery/storage';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Fleet } from './fleet.ts';

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
