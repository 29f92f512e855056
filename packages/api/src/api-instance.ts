import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Scope } from '@rookery/contracts';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type * as z from 'zod';
import type { Caller } from './auth/caller.ts';
import type { PageSession } from './auth/sessions.ts';
import type { ZodTypeProvider } from './http/zod-provider.ts';

/** Fastify with the types of this service: schemas are zod's. */
export type ApiInstance = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route: whoever reaches the port, or holders of a key with this scope (or `admin`). Default: `admin`. */
    readonly access?: 'public' | Scope;
    /** The answer is a page or a file of it: links from elsewhere may lead here. */
    readonly page?: true;
  }

  interface FastifySchema {
    /** One line, for the list of routes. */
    readonly summary?: string;
    readonly description?: string;
    readonly tags?: readonly string[];
    /** Stable: the generated client's name of the call. */
    readonly operationId?: string;
    /** Left out of the OpenAPI document. */
    readonly hide?: true;
    /** Bodies that are not JSON, by content type: `binary`, or a zod object of a form's fields. Documentation only. */
    readonly consumes?: Readonly<Record<string, 'binary' | z.ZodType>>;
    /** Answers that are not JSON, by content type. Documentation only. */
    readonly produces?: Readonly<Record<string, 'binary' | 'text' | z.ZodType>>;
    /** Further statuses that are no errors: with a part of what 200 has, or with nothing. Documentation only. */
    readonly also?: Readonly<Record<number, 'part' | 'empty'>>;
  }

  interface FastifyRequest {
    /** Who asks. */
    caller: Caller;
    /** Of a page. */
    session: PageSession | undefined;
  }
}
