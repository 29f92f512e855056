import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';
import { authentication } from './authentication.ts';
import { bodyEncoding } from './body-encoding.ts';
import { closing } from './closing.ts';
import { cookies } from './cookies.ts';
import { cors } from './cors.ts';
import { expectContinue } from './expect-continue.ts';
import { hostHeader } from './host-header.ts';
import { originGuard } from './origin-guard.ts';
import { problemDetails } from './problem-details.ts';
import { rateLimits } from './rate-limits.ts';
import { requestMetrics } from './request-metrics.ts';
import { securityHeaders } from './security-headers.ts';
import { tracing } from './tracing.ts';

/** What holds for every route, in the order in which a request meets it. */
export const plugins: readonly ((app: ApiInstance, context: ApiContext) => void | Promise<void>)[] = [
  closing,
  problemDetails,
  tracing,
  requestMetrics,
  securityHeaders,
  hostHeader,
  cors,
  cookies,
  authentication,
  originGuard,
  rateLimits,
  bodyEncoding,
  expectContinue,
];
