import type { Scope } from '@rookery/contracts';
import type { RouteOptions } from 'fastify';
import * as z from 'zod';

/** One call of the service, as its route was registered. */
export interface RouteEntry {
  readonly method: string;
  /** `/v1/models/{name}`. */
  readonly path: string;
  readonly access: 'public' | Scope;
  readonly schema: DocumentedSchema;
}

/** A route's `schema`, everything in it zod. */
export interface DocumentedSchema {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly params?: z.ZodType;
  readonly querystring?: z.ZodType;
  readonly headers?: z.ZodType;
  readonly body?: z.ZodType;
  readonly consumes?: Readonly<Record<string, 'binary' | z.ZodType>>;
  readonly produces?: Readonly<Record<string, 'binary' | 'text' | z.ZodType>>;
  /** By status: a part of what 200 has, or nothing. */
  readonly also?: Readonly<Record<string, 'part' | 'empty'>>;
  /** By status. */
  readonly response?: Readonly<Record<string, z.ZodType>>;
}

const documented = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** The calls that a registration adds: none where it is hidden or says nothing about itself. */
export function entriesOf({ method, url, schema, config }: RouteOptions): RouteEntry[] {
  if (!schema || schema.hide || url.includes('*')) return [];
  const path = url.replace(/:(\w+)/g, '{$1}');
  const access = config?.access ?? 'admin';
  return [method]
    .flat()
    .filter((name) => documented.has(name))
    .map((name) => ({ method: name.toLowerCase(), path, access, schema: schema as DocumentedSchema }));
}

/** The members of an object schema: parameters are objects always. */
export function membersOf(schema: z.ZodType | undefined): [name: string, schema: z.ZodType][] {
  return schema instanceof z.ZodObject ? Object.entries(schema.shape as Record<string, z.ZodType>) : [];
}
