import { afterAll, beforeAll, expect, it } from 'vitest';
import { JobFleet } from './a-fleet.ts';
import { readEvents } from './an-event-stream.ts';

let fleet: JobFleet;
beforeAll(async () => {
  fleet = await JobFleet.start({
    worker: false,
    jobs: { limits: { heartbeatMs: 100, streams: 4, perCaller: 3 } },
  });
});
afterAll(() => fleet[Symbol.asyncDispose]());

const events = (id: string, headers: Record<string, string> = {}) =>
  fleet.call(`/v1/jobs/${id}/events`, { headers, signal: AbortSignal.timeout(20_000) });

async function aJob(): Promise<string> {
  await fleet.photos(2, 'p');
  const { id } = await fleet.job({ source: { kind: 'prefix', bucket: fleet.bucket, prefix: 'p/' } });
  await fleet.until(id, 'running');
  return id;
}

/** What a worker does, by hand: the results of all tasks but the last so many. */
async function work(id: string, leave = 0): Promise<void> {
  const { ledger } = fleet.parts;
  const sealed = await ledger.findSealed(id);
  const job = await ledger.read(id);
  for (let seq = 0; seq < (sealed?.tasks ?? 0) - leave; seq++) {
    const { items } = await ledger.readTask(id, seq);
    const { errorLine, pinDigest } = await import('@rookery/contracts');
    const lines = items.map((item) => errorLine({ key: item.key }, pinDigest(job.pin), 'PICTURE_EMPTY'));
    await ledger.writeResult(id, seq, lines);
  }
}

it('a job is followed until it is complete: each step once, then the end', async () => {
  const id = await aJob();
  const answer = await events(id);
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const reading = readEvents(answer);
  await work(id, 1);
  await expect.poll(async () => (await fleet.view(id)).tasks.done).toBe(1);
  await work(id);
  const { events: seen, ended } = await reading;
  expect(ended).toBe(true);
  expect(new Set(seen.map((event) => event.id)).size).toBe(seen.length);
  expect(seen.at(0)).toMatchObject({ event: 'progress', data: { state: 'running', pictures: { planned: 2 } } });
  expect(seen.at(-1)).toMatchObject({
    event: 'end',
    data: { state: 'complete', failed: 2, errors: { PICTURE_EMPTY: 2 } },
  });
  expect(seen.filter(({ event }) => event === 'end')).toHaveLength(1);
});

it('errors are counted by their code while the job runs', async () => {
  const id = await aJob();
  await work(id, 1);
  const { events: seen } = await readEvents(await events(id), (all) => all.at(-1)?.data.errors?.PICTURE_EMPTY === 1);
  expect(seen.at(-1)?.data).toMatchObject({ state: 'running', failed: 1, classes: null });
});

it('a stream that broke goes on where it was: what was seen is not sent again', async () => {
  const id = await aJob();
  const [first] = (await readEvents(await events(id), (all) => all.length > 0)).events;
  const again = readEvents(await events(id, { 'last-event-id': first?.id ?? '' }), (all) => all.length > 0);
  await work(id, 1);
  const { events: seen } = await again;
  expect(seen[0]?.id).not.toBe(first?.id);
  expect(seen[0]?.data.tasks.done).toBe(1);
});

it('a job that has ended tells its end at once, and nothing to who knows it', async () => {
  const id = await aJob();
  await work(id);
  await fleet.until(id);
  const { events: seen, ended } = await readEvents(await events(id));
  expect([ended, seen.map(({ event }) => event)]).toEqual([true, ['end']]);
  expect((await events(id, { 'last-event-id': seen[0]?.id ?? '' })).status).toBe(204);
});

it('a job that is cancelled or deleted ends its streams', async () => {
  const [cancelled, deleted] = [await aJob(), await aJob()];
  const first = readEvents(await events(cancelled));
  const second = readEvents(await events(deleted));
  const view = await fleet.call(`/v1/jobs/${cancelled}/cancel`, { method: 'POST' });
  expect(await view.json()).toMatchObject({ state: 'cancelled', reason: null });
  expect((await first).events.at(-1)).toMatchObject({ event: 'end', data: { state: 'cancelled' } });
  expect((await fleet.call(`/v1/jobs/${deleted}`, { method: 'DELETE' })).status).toBe(409);
  expect((await fleet.call(`/v1/jobs/${deleted}?force=true`, { method: 'DELETE' })).status).toBe(204);
  expect((await second).ended).toBe(true);
});

it('a complete job cannot be cancelled', async () => {
  const id = await aJob();
  await work(id);
  await fleet.until(id);
  const answer = await fleet.call(`/v1/jobs/${id}/cancel`, { method: 'POST' });
  expect([answer.status, (await answer.json()).code]).toEqual([409, 'JOB_COMPLETE']);
});

it('a stream in which nothing happens shows that it is alive', async () => {
  const answer = await events(await aJob());
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!/: still here\n\n.*: still here/s.test(text)) text += (await reader?.read())?.value ?? '';
  await reader?.cancel();
});

it('many who follow one job share one look at it', async () => {
  const id = await aJob();
  const { ledger } = fleet.parts;
  let looks = 0;
  const findSealed = ledger.findSummary.bind(ledger);
  ledger.findSummary = (...args) => {
    looks++;
    return findSealed(...args);
  };
  const streams = await Promise.all([events(id), events(id), events(id)]);
  const reading = streams.map((answer) => readEvents(answer));
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  // About one a second, whoever follows.
  expect(looks).toBeLessThan(9);
  await work(id);
  for (const { events: seen } of await Promise.all(reading)) expect(seen.at(-1)?.event).toBe('end');
  ledger.findSummary = findSealed;
});

it('one caller has so many streams and no more, and gets a place back that is left', async () => {
  const id = await aJob();
  const held = await Promise.all([events(id), events(id), events(id)]);
  const refused = await events(id);
  expect([refused.status, (await refused.json()).code]).toEqual([429, 'RATE_LIMITED']);
  expect(refused.headers.get('retry-after')).toBe('5');
  await held[0]?.body?.cancel();
  await expect
    .poll(async () => {
      const answer = await events(id);
      await answer.body?.cancel();
      return answer.status;
    })
    .toBe(200);
  for (const answer of held.slice(1)) await answer.body?.cancel();
  // Requests whose client has gone are none in flight; the one that asks is.
  const inFlight = async () =>
    /^http_requests_in_flight.* (\d+)$/m.exec(await (await fleet.call('/metrics')).text())?.[1];
  await expect.poll(inFlight).toBe('1');
});

it('a service that shuts down ends its streams', async () => {
  const other = await JobFleet.start({ worker: false });
  await other.photos(1);
  const { id } = await other.job({ source: { kind: 'prefix', bucket: other.bucket, prefix: 'a/' } });
  const reading = readEvents(await other.call(`/v1/jobs/${id}/events`));
  other.drain();
  expect((await reading).ended).toBe(true);
  await other[Symbol.asyncDispose]();
});
