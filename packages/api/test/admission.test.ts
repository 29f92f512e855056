import { describe, expect, it } from 'vitest';
import { Admission } from '../src/serving/admission.ts';

const limits = { waitMs: 1_000, pendingPictures: 500, heldBytes: 1_000 };

function anAdmission(options: Partial<typeof limits> = {}) {
  let now = 0;
  const refused: string[] = [];
  const admission = new Admission({
    ...limits,
    ...options,
    onRefused: (reason) => refused.push(reason),
    now: () => now,
  });
  const enter = (count: number) => Array.from({ length: count }, () => admission.enter());
  /** The engine works: so many pictures, one after the other. */
  const work = (leaves: ((answered: boolean) => void)[], pictureMs: number) => {
    for (const leave of leaves) {
      now += pictureMs;
      leave(true);
    }
  };
  const pass = (ms: number) => {
    now += ms;
  };
  return { admission, refused, enter, work, pass };
}

describe('what is let in', () => {
  it('is measured: pictures a second while there is work', () => {
    const { admission, enter, work, pass } = anAdmission();
    for (let round = 0; round < 20; round++) {
      work(enter(50), 10);
      // Idle time says nothing about how fast the engine is.
      pass(60_000);
    }
    expect(admission.picturesPerSecond).toBeGreaterThan(95);
    expect(admission.picturesPerSecond).toBeLessThan(105);
    expect(admission.waitMs).toBe(0);
  });

  it('is refused where a picture would wait too long, with the time after which it would not', () => {
    const { admission, refused, enter, work } = anAdmission();
    for (let round = 0; round < 20; round++) work(enter(50), 10);
    const waiting = enter(100);
    expect(() => admission.check()).not.toThrow();
    waiting.push(...enter(201));
    expect(() => admission.check()).toThrow(
      expect.objectContaining({ code: 'OVERLOADED', retryAfterMs: expect.any(Number) }),
    );
    expect(refused).toEqual(['wait']);
    work(waiting, 10);
    expect(() => admission.check()).not.toThrow();
  });

  it('is refused where its own deadline could not be kept', () => {
    const { admission, refused, enter, work } = anAdmission();
    for (let round = 0; round < 20; round++) work(enter(50), 10);
    enter(50);
    expect(() => admission.check(1_000)).not.toThrow();
    expect(() => admission.check(200)).toThrow(expect.objectContaining({ code: 'OVERLOADED' }));
    expect(refused).toEqual(['deadline']);
  });

  it('is not refused for being slow while there is little of it', () => {
    const { admission, enter, work } = anAdmission();
    for (let round = 0; round < 20; round++) work(enter(4), 900);
    enter(8);
    expect(admission.waitMs).toBeGreaterThan(5_000);
    expect(() => admission.check()).not.toThrow();
  });

  it('is bounded in pictures and bytes before anything was measured', () => {
    const { admission, refused, enter } = anAdmission({ waitMs: 1e9 });
    enter(500);
    expect(() => admission.check()).toThrow(expect.objectContaining({ code: 'OVERLOADED' }));
    const bytes = anAdmission();
    bytes.admission.hold(900);
    expect(() => bytes.admission.hold(101)).toThrow(expect.objectContaining({ code: 'OVERLOADED' }));
    bytes.admission.hold(100);
    expect(() => bytes.admission.check()).toThrow(expect.objectContaining({ code: 'OVERLOADED' }));
    bytes.admission.release(1_000);
    // One that is larger than all room comes alone.
    bytes.admission.hold(5_000);
    expect([refused, bytes.refused]).toEqual([['pending'], ['memory', 'memory']]);
  });

  it('is refused while the engine stands still', () => {
    const { admission, refused, enter, pass, work } = anAdmission();
    const waiting = enter(1);
    pass(9_000);
    expect(() => admission.check()).not.toThrow();
    pass(2_000);
    expect(() => admission.check()).toThrow(expect.objectContaining({ code: 'OVERLOADED' }));
    expect(refused).toEqual(['stalled']);
    work(waiting, 1);
    expect(() => admission.check()).not.toThrow();
  });

  it('measures nothing by pictures that were given up', () => {
    const { admission, enter, work, pass } = anAdmission();
    for (let round = 0; round < 20; round++) work(enter(50), 10);
    const before = admission.picturesPerSecond;
    for (const leave of enter(1_000)) leave(false);
    pass(1);
    expect(admission.picturesPerSecond).toBe(before);
    expect(admission.pending).toBe(0);
  });
});
