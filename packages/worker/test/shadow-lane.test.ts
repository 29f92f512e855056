import { describe, expect, it } from 'vitest';
import { ShadowLane } from '../src/rollout/shadow-lane.ts';
import { sleep } from './fleet.ts';

describe('the lane of shadows', () => {
  it('has so many places and so many bytes, and those that were not used come back', async () => {
    await using lane = new ShadowLane();
    const places = Array.from({ length: 16 }, () => lane.reserve(1_000));
    expect(places.every((place) => place !== undefined)).toBe(true);
    expect(lane.reserve(1_000)).toBeUndefined();
    for (const place of places) place?.[Symbol.dispose]();
    expect(lane.reserve((32 << 20) + 1)).toBeUndefined();
    const half = lane.reserve(20 << 20);
    expect(lane.reserve(20 << 20)).toBeUndefined();
    half?.[Symbol.dispose]();
    expect(lane.reserve(20 << 20)).toBeDefined();
  });

  it('runs one after the other and rests three times as long as it worked', async () => {
    await using lane = new ShadowLane();
    const begun: number[] = [];
    for (let i = 0; i < 3; i++)
      lane.reserve(1)?.run(async () => {
        begun.push(performance.now());
        await sleep(40);
        return 40;
      });
    await expect.poll(() => begun.length).toBe(3);
    // Timers may be a millisecond early.
    for (const i of [1, 2]) expect((begun[i] ?? 0) - (begun[i - 1] ?? 0)).toBeGreaterThanOrEqual(155);
  });

  it('gives up what runs, and drops what waits, when it is closed', async () => {
    const lane = new ShadowLane();
    const ran: string[] = [];
    lane.reserve(1)?.run(async (signal) => {
      ran.push('first');
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return 0;
    });
    lane.reserve(1)?.run(async () => {
      ran.push('second');
      return 0;
    });
    await sleep(20);
    await lane[Symbol.asyncDispose]();
    expect(ran).toEqual(['first']);
    expect(lane.reserve(1)).toBeUndefined();
  });
});
