import { expect, it } from 'vitest';
import { DueHeap } from '../src/memory/due-heap.ts';
import { Fifo } from '../src/memory/fifo.ts';

it('a heap gives what is due, the earliest first, those of the same time in the order in which they came', () => {
  const heap = new DueHeap<string>();
  let seed = 7;
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed;
  };
  const times = Array.from({ length: 2_000 }, () => random() % 500);
  for (const [order, time] of times.entries()) heap.push(`${time}:${order}`, time);
  expect(heap.size).toBe(2_000);
  const seen: string[] = [];
  for (let nowMs = 0; nowMs < 500; nowMs += 1) {
    for (let value = heap.take(nowMs); value !== undefined; value = heap.take(nowMs)) {
      expect(Number(value.split(':')[0])).toBe(nowMs);
      seen.push(value);
    }
    expect(heap.nextMs ?? 500).toBeGreaterThan(nowMs);
  }
  const expected = times
    .map((time, order) => ({ time, order }))
    .sort((a, b) => a.time - b.time || a.order - b.order)
    .map(({ time, order }) => `${time}:${order}`);
  expect(seen).toEqual(expected);
  expect(heap.size).toBe(0);
});

it('a queue in memory keeps its order, lets some back to its front and does not keep what was taken', () => {
  const fifo = new Fifo<number>();
  let pushed = 0;
  let taken = 0;
  for (let round = 0; round < 100; round += 1) {
    for (let index = 0; index < 150; index += 1) fifo.push(pushed++);
    for (let index = 0; index < 120; index += 1) expect(fifo.shift()).toBe(taken++);
    fifo.pushFront(-1);
    expect(fifo.shift()).toBe(-1);
    expect(fifo.size).toBe(pushed - taken);
  }
  while (taken < pushed) expect(fifo.shift()).toBe(taken++);
  expect(fifo.shift()).toBeUndefined();
});
