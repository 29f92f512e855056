import { writeFile } from 'node:fs/promises';
import { fleetMetrics } from '@rookery/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fleet } from './fleet.ts';

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open();
});
afterEach(() => fleet[Symbol.asyncDispose]());

describe('figures for CloudWatch', { timeout: 90_000 }, () => {
  it('sum up to what the worker did, whatever their interval', async () => {
    await writeFile(fleet.path('bad.jpg'), 'no picture');
    const keys = [...(await fleet.copies(6)), 'bad.jpg'];
    await fleet.queues.events.send(keys.map((key) => fleet.event([key])));
    const lines: Record<string, number>[] = [];
    const write = (line: string): void => void lines.push(JSON.parse(line));
    const worker = await fleet.start({ embed: { write, queue: 'birds', intervalMs: 50 } });
    await fleet.settled();
    await worker.stop();
    const { names, namespace } = fleetMetrics;
    const sum = (name: string): number => lines.reduce((total, line) => total + (line[name] ?? Number.NaN), 0);
    expect(lines.length).toBeGreaterThan(2);
    expect(sum(names.labelled)).toBe(6);
    expect(sum(names.failed)).toBe(1);
    expect(sum(names.tasks)).toBe(7);
    expect(sum(names.taskErrors)).toBe(0);
    expect(Math.max(...lines.map((line) => line[names.engineBusy] ?? 0))).toBeGreaterThan(0);
    for (const line of lines) {
      expect(line).toMatchObject({ Queue: 'birds', _aws: { CloudWatchMetrics: [{ Namespace: namespace }] } });
      expect(line[names.engineBusy]).toBeLessThanOrEqual(100);
    }
  });
});
