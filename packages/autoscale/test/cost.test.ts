import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { costOfPictures, defaultPrices as prices, readPrices, type Workload } from '../src/index.ts';

const spot: Workload = {
  pictures: 1_000_000,
  picturesPerSecond: 60,
  pictureBytes: 16_000,
  worker: { kind: 'fargate-spot', vcpu: 1, memoryGb: 2 },
  queue: 'sqs',
};

describe('the cost of a million pictures', () => {
  it('is its lines added up, each with how it came about', () => {
    const { job, jobUsd, events, eventsUsd } = costOfPictures(spot, prices);
    expect(job.reduce((sum, { usd }) => sum + usd, 0)).toBeCloseTo(jobUsd, 12);
    expect(events.reduce((sum, { usd }) => sum + usd, 0)).toBeCloseTo(eventsUsd, 12);
    expect(job.find(({ what }) => what.startsWith('reading'))).toMatchObject({
      usd: expect.closeTo(0.4, 9),
      how: '1,000 thousand requests at $0.0004',
    });
    for (const { how } of [...job, ...events]) expect(how).toMatch(/at \$\d/);
  });

  it('of a job on Spot is mostly its GETs, and that is said', () => {
    const { jobUsd, floor } = costOfPictures(spot, prices);
    expect(jobUsd).toBeLessThan(0.6);
    expect(floor).toMatch(/^one GET a picture/);
    expect(costOfPictures({ ...spot, picturesPerSecond: 5 }, prices).floor).toMatch(/^computing/);
  });

  it('halves its compute at twice the speed, and counts idle time', () => {
    const compute = (more: Partial<Workload>) => costOfPictures({ ...spot, ...more }, prices).job[0]?.usd ?? 0;
    expect(compute({ picturesPerSecond: 120 })).toBeCloseTo(compute({}) / 2, 12);
    expect(compute({ idleShare: 0.55 })).toBeCloseTo(compute({}) * 2, 12);
    expect(compute({ worker: { kind: 'fargate', vcpu: 1, memoryGb: 2 } })).toBeGreaterThan(compute({}) * 3);
  });

  it('follows a file of prices that anybody can edit; one that lacks a price is refused by its name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rookery-prices-'));
    try {
      const file = join(folder, 'mine.json');
      const mine = structuredClone(prices);
      mine.prices.s3GetThousand.usd = 0;
      await writeFile(file, JSON.stringify(mine));
      expect(costOfPictures(spot, await readPrices(file)).jobUsd).toBeLessThan(0.2);
      await writeFile(file, JSON.stringify({ ...mine, prices: { ...mine.prices, sqsMillion: undefined } }));
      await expect(readPrices(file)).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        detail: expect.stringContaining('sqsMillion'),
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
