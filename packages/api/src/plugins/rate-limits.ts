import rateLimit from '@fastify/rate-limit';
import { RookeryError } from '@rookery/contracts';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';

/** So many requests a minute by one key, or by one address where nobody is known. A route's `config.rateLimit` may ask for fewer. */
export async function rateLimits(app: ApiInstance, { limits, counts }: ApiContext): Promise<void> {
  await app.register(rateLimit, {
    max: limits.requestsPerMinute,
    timeWindow: 60_000,
    cache: 10_000,
    keyGenerator: ({ caller, ip }) => caller.id ?? ip,
    addHeaders: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
    addHeadersOnExceeding: {
      'x-ratelimit-limit': false,
      'x-ratelimit-remaining': false,
      'x-ratelimit-reset': false,
    },
    errorResponseBuilder: (_request, { max, ttl }) => {
      counts.refused('rate');
      return new RookeryError('RATE_LIMITED', { detail: `at most ${max} a minute`, retryAfterMs: ttl });
    },
  });
}
