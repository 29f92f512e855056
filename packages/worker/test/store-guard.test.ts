import { RookeryError } from '@rookery/contracts';
import { silentLogger } from '@rookery/telemetry';
import { describe, expect, it } from 'vitest';
import { StoreGuard } from '../src/store-guard.ts';

const never = new AbortController().signal;
const unavailable = () => Promise.reject(new RookeryError('STORE_UNAVAILABLE', { retryAfterMs: 1 }));

const failing = (times: number) => {
  let left = times;
  return () => (left-- > 0 ? unavailable() : Promise.resolve('answer'));
};

describe('a store that fails', () => {
  it('is asked again, and one failure does not make it down', async () => {
    const guard = new StoreGuard({ location: 'x', log: silentLogger });
    expect(await guard.run(failing(2), never)).toBe('answer');
    expect(guard.down).toBe(false);
  });

  it('waits for other credentials where those it has have run out, and takes any other refusal for an answer', async () => {
    const refusing = (times: number, retryable: boolean) => {
      let left = times;
      return async () => {
        if (left-- > 0) throw new RookeryError('STORE_DENIED', { retryable, retryAfterMs: 1 });
        return 'answer';
      };
    };
    const guard = new StoreGuard({ location: 'x', log: silentLogger });
    expect(await guard.run(refusing(5, true), never)).toBe('answer');
    await expect(guard.run(refusing(1, false), never)).rejects.toMatchObject({ code: 'STORE_DENIED' });
  });

  it('waits for a bucket of its own that is not there, and takes that of another for an answer', async () => {
    const missing = () => Promise.reject(new RookeryError('STORE_NOT_FOUND', { retryAfterMs: 1 }));
    const guard = new StoreGuard({ location: 'x', log: silentLogger });
    await expect(guard.run(missing, never)).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' });
    let asked = 0;
    const made = () => (asked++ < 5 ? missing() : Promise.resolve('answer'));
    expect(await new StoreGuard({ location: 'x', log: silentLogger, awaitsBucket: true }).run(made, never)).toBe(
      'answer',
    );
  });

  it('counts as down after failures in a row, whoever met them, until anybody gets an answer', async () => {
    const guard = new StoreGuard({ location: 'x', log: silentLogger });
    let broken = true;
    const stuck = guard.run(async () => {
      if (broken) throw new RookeryError('STORE_UNAVAILABLE', { retryAfterMs: 60_000 });
      return 'late';
    }, never);
    for (let others = 0; others < 2; others++) {
      const other = new AbortController();
      const asked = guard.run(
        () => Promise.reject(new RookeryError('STORE_UNAVAILABLE', { retryAfterMs: 60_000 })),
        other.signal,
      );
      await new Promise((resolve) => setTimeout(resolve, 5));
      other.abort();
      await expect(asked).rejects.toMatchObject({ code: 'ABORTED' });
    }
    expect(guard.down).toBe(true);
    const whenUp = guard.whenUp();
    broken = false;
    expect(await guard.run(async () => 'mine', never)).toBe('mine');
    await whenUp;
    expect(guard.down).toBe(false);
    // Whoever slept is woken, although its own pause was a minute.
    expect(await stuck).toBe('late');
  });

  it('is asked as long as it takes where nobody else could go on', async () => {
    const guard = new StoreGuard({ location: 'x', log: silentLogger });
    expect(await guard.run(failing(40), never)).toBe('answer');
  });

  it('is given up after a while where it is a bucket, but not while the own store is down too', async () => {
    let own = true;
    const guard = new StoreGuard({ location: 'x', log: silentLogger, giveUpAfterMs: 20, hold: () => own });
    const asked = guard.run(unavailable, never);
    setTimeout(() => {
      own = false;
    }, 100);
    const startedAt = performance.now();
    await expect(asked).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(performance.now() - startedAt).toBeGreaterThan(90);
  });

  it('is left alone for as long as it asked for and a little longer, drawn by lot; not asked in a circle where it asked for no time', async () => {
    const pauses = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const startedAt = performance.now();
        let left = 1;
        const ask = () =>
          left-- > 0
            ? Promise.reject(new RookeryError('STORE_UNAVAILABLE', { retryAfterMs: 400 }))
            : Promise.resolve(performance.now() - startedAt);
        return await new StoreGuard({ location: 'x', log: silentLogger }).run(ask, never);
      }),
    );
    expect(Math.min(...pauses)).toBeGreaterThan(398);
    expect(Math.max(...pauses) - Math.min(...pauses)).toBeGreaterThan(20);
    let asked = 0;
    const stop = new AbortController();
    const circle = new StoreGuard({ location: 'x', log: silentLogger }).run(() => {
      asked++;
      return Promise.reject(new RookeryError('STORE_UNAVAILABLE', { retryAfterMs: 0 }));
    }, stop.signal);
    setTimeout(() => stop.abort(), 200);
    await expect(circle).rejects.toMatchObject({ code: 'ABORTED' });
    expect(asked).toBeLessThan(12);
  });

  it('passes on what says something about the object, at once', async () => {
    const guard = new StoreGuard({ location: 'x', log: silentLogger });
    let asked = 0;
    const ask = () => {
      asked++;
      return Promise.reject(new RookeryError('OBJECT_NOT_FOUND'));
    };
    await expect(guard.run(ask, never)).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
    expect(asked).toBe(1);
  });

  it('is left alone once the work is given up', async () => {
    const guard = new StoreGuard({ location: 'x', log: silentLogger });
    const stop = new AbortController();
    const asked = guard.run(
      () => Promise.reject(new RookeryError('STORE_UNAVAILABLE', { retryAfterMs: 60_000 })),
      stop.signal,
    );
    stop.abort();
    await expect(asked).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
