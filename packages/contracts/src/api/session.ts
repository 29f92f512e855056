import * as z from 'zod';
import { Scope } from './scope.ts';

/** The body of `POST /v1/session`: a page exchanges a key for a cookie. */
export const SessionRequest = z.strictObject({ key: z.string().min(1).max(200) }).meta({ id: 'SessionRequest' });

/** Who is asking. */
export const Session = z
  .object({
    /** Whether this service asks for keys at all. */
    authentication: z.boolean(),
    /** Whether this request was let in as somebody. */
    authenticated: z.boolean(),
    scopes: z.array(Scope),
    /** The name of the key. */
    name: z.string().nullable(),
    /** Of a session only: to be sent as `X-CSRF-Token` with everything but GET and HEAD. */
    csrfToken: z.string().nullable(),
    expiresAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof Session>;
