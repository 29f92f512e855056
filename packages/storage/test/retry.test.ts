import { RookeryError } from '@rookery/contracts';
import { expect, it } from 'vitest';
import { withRetries } from '../src/s3/retry.ts';

it('who was asked to wait (Retry-After) waits that long and a little longer, drawn by lot: not all come back at once', async () => {
  const options = { attempts: 2, retryBaseMs: 1, retryMaxMs: 1 };
  const pauses = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const startedAt = performance.now();
      return await withRetries(options, undefined, async (attempt) => {
        if (attempt === 1) throw new RookeryError('STORE_UNAVAILABLE', { retryAfterMs: 400 });
        return performance.now() - startedAt;
      });
    }),
  );
  expect(Math.min(...pauses)).toBeGreaterThan(398);
  expect(Math.max(...pauses) - Math.min(...pauses)).toBeGreaterThan(20);
});
