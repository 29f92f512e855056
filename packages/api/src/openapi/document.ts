import { Problem } from '@rookery/contracts';
import type * as z from 'zod';
import { problemType } from '../http/problem.ts';
import { type JsonSchema, JsonSchemas } from './json-schemas.ts';
import { membersOf, type RouteEntry } from './route-entry.ts';

/** An OpenAPI 3.1 document, as far as its readers here look into it. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: JsonSchema;
  readonly servers: readonly JsonSchema[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: JsonSchema & { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

export interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, JsonSchema>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;

/** The tags, in the order of the page. A tag of a route that is not here stands at the end. */
const tagTexts: Readonly<Record<string, string>> = {
  Classify: 'Pictures, labelled at once.',
  Models: 'Models, their versions and aliases; loading and moving them while they serve.',
  Uploads: 'Addresses that pictures are put to, straight into the bucket.',
  Jobs: 'Work on whole buckets, by the fleet.',
  Fleet: 'What the fleet is doing.',
  Session: 'A page exchanges a key for a cookie.',
  'Open Inference Protocol': 'The protocol of KServe and Triton, version 2.',
  'The original': 'The calls of the system that Rookery succeeds.',
  Health: 'For load balancers and Prometheus.',
};

/** Statuses that a call may answer besides its own, and when. */
const errors: readonly [status: string, text: string, when: (route: RouteEntry) => boolean][] = [
  ['400', 'The request is malformed; `errors` names the members.', () => true],
  ['401', 'A key or a session is needed.', ({ access }) => access !== 'public'],
  ['403', 'The key lacks a scope, or the page that asks is another one.', () => true],
  ['404', 'There is no such thing.', ({ path }) => path.includes('{')],
  ['409', 'It contradicts what is there.', ({ method }) => method !== 'get'],
  ['413', 'It is too large.', hasBody],
  ['415', 'A body of this type or encoding is not taken.', hasBody],
  ['422', 'It can be read but not used.', hasBody],
  ['429', 'Too many requests of one key; see `Retry-After`.', () => true],
  ['503', 'More work than fits, or something behind the service is down; see `Retry-After`.', () => true],
];

function hasBody({ schema }: RouteEntry): boolean {
  return schema.body !== undefined || schema.consumes !== undefined;
}

/** The document of all routes, every answer and error included. */
export function openApiDocument(routes: readonly RouteEntry[], version: string): OpenApiDocument {
  const schemas = new JsonSchemas();
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of [...routes].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))) {
    const at = paths[route.path] ?? {};
    at[route.method] = operationOf(route, schemas);
    paths[route.path] = at;
  }
  const problem = { [problemType]: { schema: schemas.of(Problem, 'output') } };
  const used = new Set(routes.flatMap(({ schema }) => schema.tags ?? []));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Rookery',
      version,
      description:
        'Labels pictures: at once, or by the million. Errors are problem documents (RFC 9457) with stable codes.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set([...Object.keys(tagTexts), ...used])]
      .filter((name) => used.has(name))
      .map((name) => ({ name, description: tagTexts[name] ?? '' })),
    paths,
    components: {
      schemas: schemas.components,
      responses: Object.fromEntries([
        ...errors.map(([status, description]) => [nameOf(status), { description, content: problem }]),
        [nameOf('default'), { description: 'Any other error.', content: problem }],
      ]),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key: `Authorization: Bearer rk_...`' },
        header: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'An API key.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'rookery_session',
          description: 'From `POST /v1/session`; everything but GET needs its `X-CSRF-Token` too.',
        },
      },
    },
  };
}

function operationOf(route: RouteEntry, schemas: JsonSchemas): Operation {
  const { operationId, summary, description, tags } = route.schema;
  const parameters = parametersOf(route, schemas);
  const content = bodyOf(route, schemas);
  return {
    ...(operationId !== undefined && { operationId }),
    ...(summary !== undefined && { summary }),
    ...(description !== undefined && { description }),
    ...(tags && { tags }),
    security:
      route.access === 'public' ? [] : ['bearer', 'header', 'session'].map((name) => ({ [name]: [route.access] })),
    ...(parameters.length > 0 && { parameters }),
    ...(content && { requestBody: { required: route.schema.body?.safeParse(undefined).success !== true, content } }),
    responses: responsesOf(route, schemas),
  };
}

function parametersOf({ schema }: RouteEntry, schemas: JsonSchemas): Parameter[] {
  const places = [
    ['path', schema.params],
    ['query', schema.querystring],
    ['header', schema.headers],
  ] as const;
  return places.flatMap(([place, object]) =>
    membersOf(object).map(([name, member]) => {
      const { description, ...rest } = schemas.of(member, 'input');
      const required = place === 'path' || !member.safeParse(undefined).success;
      return { name, in: place, required, ...(typeof description === 'string' && { description }), schema: rest };
    }),
  );
}

function bodyOf({ schema }: RouteEntry, schemas: JsonSchemas): Content | undefined {
  const { body, consumes } = schema;
  if (!body && !consumes) return undefined;
  return {
    ...(body && { 'application/json': { schema: schemas.of(body, 'input') } }),
    ...contentOf(consumes, 'input', schemas),
  };
}

function responsesOf(route: RouteEntry, schemas: JsonSchemas): Record<string, JsonSchema> {
  const { response = {}, produces, also = {} } = route.schema;
  const own: Record<string, JsonSchema> = {};
  for (const [status, schema] of Object.entries(response))
    own[status] = { description: textOf(status), ...(status !== '204' && { content: json(schema) }) };
  function json(schema: z.ZodType): Content {
    return { 'application/json': { schema: schemas.of(schema, 'output') } };
  }
  if (produces) {
    const content = { ...(response['200'] && json(response['200'])), ...contentOf(produces, 'output', schemas) };
    own['200'] = { description: textOf('200'), content };
  }
  for (const [status, what] of Object.entries(also))
    own[status] = { description: textOf(status), ...(what === 'part' && { content: own['200']?.content }) };
  for (const [status, , when] of errors) {
    if (!own[status] && when(route)) own[status] = { $ref: `#/components/responses/${nameOf(status)}` };
  }
  return { ...own, default: { $ref: `#/components/responses/${nameOf('default')}` } };
}

function contentOf(
  types: Readonly<Record<string, 'binary' | 'text' | z.ZodType>> = {},
  io: 'input' | 'output',
  schemas: JsonSchemas,
): Content {
  return Object.fromEntries(
    Object.entries(types).map(([type, schema]) => [
      type,
      { schema: schema === 'binary' ? {} : schema === 'text' ? { type: 'string' } : schemas.of(schema, io) },
    ]),
  );
}

const nameOf = (status: string): string => (status === 'default' ? 'Problem' : `Problem${status}`);

const textOf = (status: string): string =>
  ({
    '200': 'Done.',
    '201': 'Made.',
    '202': 'Taken on.',
    '204': 'Done; there is nothing to say.',
    '206': 'A part of it.',
    '304': 'What the caller has is still right.',
  })[status] ?? 'An answer.';
