import { describe, expect, it } from 'vitest';
import { encodeTask, parseTask, type Task } from '../src/index.ts';
import { aPin } from './a-pin.ts';

const aTask = (items: number): Task => ({
  v: 1,
  job: 'j',
  seq: 3,
  pin: aPin,
  items: Array.from({ length: items }, (_, i) => ({ key: `${'x'.repeat(300)}${i}`, etag: 'e' })),
  bucket: 'b',
  top: 3,
});

describe('a task as a message', () => {
  it('reads back as it was written', () => expect(parseTask(encodeTask(aTask(2)))).toEqual(aTask(2)));

  it('leaves its items to the task file where they do not fit', () => {
    const { items: _, ...rest } = aTask(256);
    expect(parseTask(encodeTask(aTask(256)))).toEqual(rest);
  });

  it('is refused where an event carries more than a message holds', () => {
    const { job: _job, seq: _seq, ...event } = aTask(256);
    expect(() => encodeTask(event)).toThrow(expect.objectContaining({ code: 'TASK_TOO_LARGE' }));
  });

  it.each([
    ['not JSON', '{'],
    ['null', 'null'],
    ['no version', JSON.stringify({ ...aTask(1), v: undefined })],
    ['a job id that climbs out', JSON.stringify({ ...aTask(1), job: '../x' })],
    ['a job without a position', JSON.stringify({ ...aTask(1), seq: undefined })],
    ['no items and no job', JSON.stringify({ ...aTask(1), items: undefined, job: undefined, seq: undefined })],
    ['members that nobody knows', JSON.stringify({ ...aTask(1), run: 'rm' })],
    ['too many items', JSON.stringify(aTask(257))],
  ])('is malformed with %s', (_name, message) => {
    expect(() => parseTask(message)).toThrow(expect.objectContaining({ code: 'TASK_MALFORMED' }));
  });

  it('waits for a newer worker where its version is newer', () => {
    expect(() => parseTask(JSON.stringify({ ...aTask(1), v: 2 }))).toThrow(
      expect.objectContaining({ code: 'TASK_VERSION_UNKNOWN' }),
    );
  });
});
