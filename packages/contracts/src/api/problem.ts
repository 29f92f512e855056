import * as z from 'zod';

/** A problem document (RFC 9457), the body of every answer that is an error: `application/problem+json`. */
export const Problem = z
  .object({
    /** `urn:rookery:problem:<code>`. */
    type: z.string(),
    /** The code's fixed text. */
    title: z.string(),
    status: z.int().min(400).max(599),
    /** What is wrong with this very request. */
    detail: z.string().optional(),
    /** Path of the request. */
    instance: z.string().optional(),
    /** Stable: see the list of codes in the documentation. */
    code: z.string(),
    /** Also in the answer's `X-Request-Id` and in the service's log. */
    requestId: z.string(),
    /** Whether the same request may succeed later. */
    retryable: z.boolean(),
    /** The members that are wrong, as a path such as `body.sources.0.url`. */
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'A problem document (RFC 9457).' });
export type Problem = z.infer<typeof Problem>;
