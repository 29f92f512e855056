import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { pause } from '../src/index.ts';

const long = 60_000;

it('a pause ends in its time and leaves nothing with the signals', async () => {
  const { signal } = new AbortController();
  const begun = performance.now();
  await pause(50, signal, undefined);
  // Timers count in whole milliseconds.
  expect(performance.now() - begun).toBeGreaterThanOrEqual(49);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

it('a pause ends with whichever signal is aborted first, and at once where one is already', async () => {
  const [one, two] = [new AbortController(), new AbortController()];
  const paused = pause(long, one.signal, two.signal);
  two.abort();
  await paused;
  expect(getEventListeners(one.signal, 'abort')).toEqual([]);
  await pause(long, one.signal, two.signal);
  expect(getEventListeners(one.signal, 'abort')).toEqual([]);
});
