import { expect, it } from 'vitest';
import { byteRange, hasTag } from '../src/http/byte-range.ts';

it.each([
  ['bytes=0-0', { start: 0, end: 0 }],
  ['bytes=10-', { start: 10, end: 99 }],
  ['bytes=10-1000000', { start: 10, end: 99 }],
  ['bytes=-5', { start: 95, end: 99 }],
  ['bytes=-1000', { start: 0, end: 99 }],
  [undefined, undefined],
  ['bytes=5-2', undefined],
  ['bytes=0-1,5-6', undefined],
  ['lines=0-1', undefined],
  ['bytes=-', undefined],
  ['bytes=0x1-2', undefined],
])('%s of 100 bytes', (header, range) => {
  expect(byteRange(header, 100)).toEqual(range);
});

it.each([
  ['bytes=100-', 100],
  ['bytes=-0', 100],
  ['bytes=0-', 0],
])('%s of %i bytes is refused', (header, total) => {
  expect(() => byteRange(header, total)).toThrow(expect.objectContaining({ code: 'RANGE_NOT_SATISFIABLE' }));
});

it('a tag is found in a list, weak or not', () => {
  expect(hasTag('"a", W/"b"', '"b"')).toBe(true);
  expect(hasTag('*', '"b"')).toBe(true);
  expect(hasTag('"a"', '"b"')).toBe(false);
  expect(hasTag(undefined, '"b"')).toBe(false);
});
