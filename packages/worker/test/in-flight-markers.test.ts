import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InFlightMarkers } from '../src/isolation/in-flight-markers.ts';
import { anEvent } from './a-task.ts';

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'rookery-markers-')), 'in-flight');
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

const aJob = (seq: number) => anEvent('a.jpg', { job: 'birds', seq });

describe('markers of tasks in flight', () => {
  it('leave nothing behind for tasks that were settled', async () => {
    const markers = await InFlightMarkers.open(folder);
    const end = await markers.begin(aJob(1));
    expect(await readdir(folder)).toHaveLength(1);
    await end(true);
    expect(await readdir(folder)).toEqual([]);
    expect((await InFlightMarkers.open(folder)).isSuspect(aJob(1))).toBe(false);
  });

  it('make suspects of tasks that were in flight when the process ended, until they are done', async () => {
    await (await InFlightMarkers.open(folder)).begin(aJob(1));
    const next = await InFlightMarkers.open(folder);
    expect(next.isSuspect(aJob(1))).toBe(true);
    expect(next.isSuspect(aJob(2))).toBe(false);
    const end = await next.begin(aJob(1));
    await end(false);
    expect(next.isSuspect(aJob(1))).toBe(true);
    await (await next.begin(aJob(1)))(true);
    expect(next.isSuspect(aJob(1))).toBe(false);
    expect(await readdir(folder)).toEqual([]);
  });

  it('know the pictures of events in whatever task they come back', async () => {
    const both = anEvent('a.jpg', { items: [{ key: 'a.jpg' }, { key: 'b.jpg' }] });
    await (await InFlightMarkers.open(folder)).begin(both);
    const next = await InFlightMarkers.open(folder);
    const alone = anEvent('b.jpg', { items: [{ key: 'b.jpg', etag: 'x' }] });
    expect(next.isSuspect(alone)).toBe(true);
    expect(next.isSuspect(anEvent('b.jpg', { bucket: 'others' }))).toBe(false);
    await (await next.begin(alone))(true);
    expect(next.isSuspect(alone)).toBe(false);
    expect(next.isSuspect(anEvent('a.jpg'))).toBe(true);
  });

  it('of what was in flight when several processes ended all go once it is done', async () => {
    const both = anEvent('a.jpg', { items: [{ key: 'a.jpg' }, { key: 'b.jpg' }] });
    await (await InFlightMarkers.open(folder)).begin(both);
    await (await InFlightMarkers.open(folder)).begin(anEvent('a.jpg'));
    const third = await InFlightMarkers.open(folder);
    expect(await readdir(folder)).toHaveLength(2);
    await (await third.begin(anEvent('a.jpg')))(true);
    expect(await readdir(folder)).toHaveLength(1);
    await (await third.begin(anEvent('b.jpg')))(true);
    expect(await readdir(folder)).toEqual([]);
  });

  it('go where nothing is left to do for what was in flight: it comes back in no task', async () => {
    const both = anEvent('a.jpg', { items: [{ key: 'a b.jpg' }, { key: 'c.jpg' }] });
    const first = await InFlightMarkers.open(folder);
    await first.begin(both);
    await first.begin(aJob(1));
    const next = await InFlightMarkers.open(folder);
    await next.forget(async (subject) => 'job' in subject || subject.key === 'a b.jpg');
    expect(next.isSuspect(aJob(1))).toBe(false);
    expect(next.isSuspect(anEvent('a b.jpg'))).toBe(false);
    expect(next.isSuspect(anEvent('c.jpg'))).toBe(true);
    expect(await readdir(folder)).toHaveLength(1);
    await next.forget(async () => true);
    expect(await readdir(folder)).toEqual([]);
  });

  it('do not stumble over a marker that was cut off', async () => {
    await InFlightMarkers.open(folder);
    await writeFile(join(folder, 'cut'), '[{"job":"birds"');
    const next = await InFlightMarkers.open(folder);
    expect(next.isSuspect(aJob(1))).toBe(false);
    expect(await readdir(folder)).toEqual([]);
  });
});
