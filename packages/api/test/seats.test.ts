import { expect, it } from 'vitest';
import { Seats } from '../src/http/seats.ts';

it('places are taken and given back, once, for one caller and for all', () => {
  const seats = new Seats({ what: 'streams', all: 3, perCaller: 2 });
  const [a] = [seats.take('a'), seats.take('a')];
  expect(() => seats.take('a')).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }));
  seats.take('b');
  expect(() => seats.take('c')).toThrow(expect.objectContaining({ code: 'OVERLOADED', retryAfterMs: 5_000 }));
  a?.();
  a?.();
  seats.take('c');
  expect(() => seats.take('a')).toThrow(expect.objectContaining({ code: 'OVERLOADED' }));
  expect(seats.taken).toBe(3);
});
