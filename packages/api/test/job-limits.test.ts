import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { type FleetOptions, JobFleet } from './a-fleet.ts';
import { readEvents } from './an-event-stream.ts';

let fleet: JobFleet | undefined;
afterEach(async () => {
  await fleet?.[Symbol.asyncDispose]();
  fleet = undefined;
});

async function start(limits: NonNullable<FleetOptions['jobs']>['limits'], more: FleetOptions = {}): Promise<JobFleet> {
  fleet = await JobFleet.start({ worker: false, ...more, jobs: { limits, ...more.jobs } });
  return fleet;
}

async function aPlannedJob(of: JobFleet, count = 1): Promise<string> {
  await of.photos(count, 'p');
  const { id } = await of.job({ source: { kind: 'prefix', bucket: of.bucket, prefix: 'p/' } });
  await of.until(id, 'running');
  return id;
}

describe('pictures that are shown', () => {
  const shown = async (of: JobFleet, id: string, key: string) => {
    const answer = await of.call(`/v1/jobs/${id}/picture?key=${key}`);
    return [answer.status, answer.ok ? '' : (await answer.json()).code];
  };

  it('are refused over so many bytes and pixels', async () => {
    const of = await start({ pictureBytes: 100_000, maxPixels: 10_000 });
    await of.put(
      'p/large.png',
      await sharp({ create: { width: 200, height: 100, channels: 3, background: 'red' } })
        .png()
        .toBuffer(),
    );
    await of.put(
      'p/small.png',
      await sharp({ create: { width: 100, height: 100, channels: 3, background: 'red' } })
        .png()
        .toBuffer(),
    );
    const id = await aPlannedJob(of);
    expect(await shown(of, id, 'p/0000.jpg')).toEqual([413, 'OBJECT_TOO_LARGE']);
    expect(await shown(of, id, 'p/large.png')).toEqual([422, 'PICTURE_TOO_LARGE']);
    expect(await shown(of, id, 'p/small.png')).toEqual([200, '']);
  });

  it('are refused while too many wait for it', async () => {
    const of = await start({ waitingThumbnails: 1, thumbnails: 1 });
    const id = await aPlannedJob(of, 8);
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => shown(of, id, `p/000${n}.jpg`)));
    expect(answers).toContainEqual([503, 'OVERLOADED']);
    expect(answers).toContainEqual([200, '']);
  });
});

describe('streams of events', () => {
  it('are ended after a while, so that whoever follows shows the key again', async () => {
    const of = await start({ streamMs: 200 });
    const id = await aPlannedJob(of);
    expect((await readEvents(await of.call(`/v1/jobs/${id}/events`))).ended).toBe(true);
  });

  it('of all callers are bounded', async () => {
    const of = await start({ streams: 1 });
    const id = await aPlannedJob(of);
    const held = await of.call(`/v1/jobs/${id}/events`);
    const refused = await of.call(`/v1/jobs/${id}/events`);
    expect([refused.status, (await refused.json()).code]).toEqual([503, 'OVERLOADED']);
    await held.body?.cancel();
  });
});

it('a source that takes long to look at does not keep a job waiting: it is looked at behind the back', async () => {
  const of = await start({ lookMs: 100 });
  await of.photos(2, 'p');
  const { buckets } = of.parts;
  const bucket = buckets.open(of.bucket);
  const list = bucket.list.bind(bucket);
  bucket.list = async function* (prefix, options) {
    await new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, 1_500);
      options?.signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(options.signal?.reason);
      });
    });
    yield* list(prefix, options);
  };
  const startedAt = performance.now();
  const { id, state } = await of.job({ source: { kind: 'prefix', bucket: of.bucket, prefix: 'p/' } });
  expect(state).toBe('planning');
  expect(performance.now() - startedAt).toBeLessThan(1_400);
  expect(await of.until(id, 'running')).toMatchObject({ pictures: { planned: 2 } });
  bucket.list = list;
});
