import { type Digest, fleetLayout, pinDigest, type WorkerBeat } from '@rookery/contracts';
import { pinOf } from '@rookery/inference';
import { openRegistry } from '@rookery/models';
import { expect, it } from 'vitest';
import { JobFleet } from './a-fleet.ts';
import { readEvents } from './an-event-stream.ts';

const limits = { fleetStepMs: 50 };
const prefix = (fleet: JobFleet) => ({ source: { kind: 'prefix', bucket: fleet.bucket, prefix: 'a/' } });

it('a job that no worker can do says so and why, to whoever asks, lists or follows, until it is over', async () => {
  await using fleet = await JobFleet.start({
    jobs: {
      limits,
      pinOf: async () => {
        const pin = await pinOf(await openRegistry({ folder: '/nowhere' }).load('content'));
        return { ...pin, model: { ...pin.model, version: 'gone' } };
      },
    },
  });
  await fleet.photos(2);
  const { id } = await fleet.job(prefix(fleet));
  const refusal = { workers: 1, refusing: 1, reasons: ['no content@gone (fp32) in the registry'] };
  const events = await fleet.call(`/v1/jobs/${id}/events`, { signal: AbortSignal.timeout(20_000) });
  const { events: seen } = await readEvents(events, (all) => all.at(-1)?.data.refusal !== null);
  expect(seen.at(-1)).toMatchObject({ event: 'progress', data: { state: 'running', refusal } });
  expect(await fleet.view(id)).toMatchObject({ state: 'running', refusal });
  expect((await (await fleet.call('/v1/jobs')).json()).jobs).toMatchObject([{ id, refusal }]);
  const cancelled = await fleet.call(`/v1/jobs/${id}/cancel`, { method: 'POST' });
  expect(await cancelled.json()).toMatchObject({ state: 'cancelled', refusal: null });
});

it('workers elsewhere are heard, those that are there and can do it are counted, those that are gone are not', async () => {
  const made = await JobFleet.start({ worker: false });
  await made.photos(2);
  const { id } = await made.job(prefix(made));
  expect(await made.view(id)).toMatchObject({ refusal: null });
  const pin = pinDigest((await made.parts.ledger.read(id)).pin);
  const beat = (name: string, cannot: { readonly pin: Digest; readonly why: string }[]) =>
    made.parts.store.put(
      fleetLayout.worker(name),
      JSON.stringify({
        ...{
          v: 1,
          id: name,
          startedAt: new Date().toISOString(),
          uptimeMs: 1,
          state: 'ready',
          model: null,
          pictures: 0,
        },
        ...{ p50Ms: null, p95Ms: null, drift: null, cannot },
      } satisfies WorkerBeat),
    );
  await beat('able', []);
  await beat('another', [{ pin, why: 'no such engine' }]);
  await beat('unable', [{ pin, why: 'no such model' }]);
  await beat('alike', [{ pin, why: 'no such model' }]);
  await using fleet = await JobFleet.start({ folder: made.folder, worker: false, jobs: { limits } });
  const refusal = { workers: 4, refusing: 3, reasons: ['no such model', 'no such engine'] };
  await expect.poll(() => fleet.view(id)).toMatchObject({ refusal });
  await made[Symbol.asyncDispose]();
});
