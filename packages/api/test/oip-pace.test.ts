import { describe, expect, it } from 'vitest';
import { CallRate } from '../src/oip/grpc/call-rate.ts';
import { onePlace, someAtATime } from '../src/oip/grpc/pace.ts';
import { Semaphore } from '../src/serving/semaphore.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('when messages of calls are read', () => {
  it('a call with one message waits for one of a few places, and leaves it when it has all', async () => {
    const places = new Semaphore(1);
    const read: string[] = [];
    const [first, second, third] = [onePlace(places), onePlace(places), onePlace(places)];
    first.read(() => read.push('first'));
    second.read(() => read.push('second'));
    third.read(() => read.push('third'));
    await turn();
    expect(read).toEqual(['first']);
    // The end of its message, in the same place.
    first.read(() => read.push('first again'));
    // It was given up before its turn came.
    second.end();
    first.end();
    await turn();
    expect(read).toEqual(['first', 'first again', 'third']);
  });

  it('a stream is read so far ahead of its answers and no further', () => {
    const pace = someAtATime(2);
    let read = 0;
    const next = () => {
      read++;
      pace.received();
    };
    for (let i = 0; i < 3; i++) pace.read(next);
    expect(read).toBe(2);
    pace.answered();
    expect(read).toBe(3);
    pace.read(next);
    pace.end();
    pace.answered();
    expect(read).toBe(3);
  });
});

describe('calls a minute', () => {
  it('are counted for each caller, and anew each minute', () => {
    let now = 0;
    const rate = new CallRate(2, () => now);
    rate.count('a');
    rate.count('a');
    now = 20_000;
    expect(() => rate.count('a')).toThrow(expect.objectContaining({ code: 'RATE_LIMITED', retryAfterMs: 40_000 }));
    rate.count('b');
    now = 60_000;
    rate.count('a');
  });
});
