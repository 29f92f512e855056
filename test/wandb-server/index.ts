import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { buildSchema, execute, type GraphQLSchema, parse, validate } from 'graphql';
import { artifactMutations } from './artifact-mutations.ts';
import { type Fault, Faults } from './faults.ts';
import { appendToStream } from './file-stream.ts';
import { runMutations } from './run-mutations.ts';
import { schemaText } from './schema.ts';
import { createState, pathOf, type WandbState } from './state.ts';
import { presign, serveStorage } from './storage.ts';
import { artifactFileKey, connection, createViews } from './views.ts';

export type { Fault, FaultRule } from './faults.ts';
export type { RunState, WandbState } from './state.ts';

export interface WandbServer extends AsyncDisposable {
  /** For `WANDB_BASE_URL`. */
  readonly url: string;
  readonly apiKey: string;
  readonly entity: string;
  readonly state: WandbState;
  readonly faults: Faults;
  /** Where requests went, as `POST /graphql Viewer`. */
  readonly requests: string[];
}

export interface WandbServerOptions {
  readonly apiKey?: string;
  readonly entity?: string;
  /** Taken again after a restart; a free one where nothing is said. */
  readonly port?: number;
  /** What an earlier server knew. */
  readonly state?: WandbState;
}

/** Stands in for the server of Weights & Biases, on the loopback interface. */
export async function startWandbServer(options: WandbServerOptions = {}): Promise<WandbServer> {
  const { apiKey = '0123456789abcdef0123456789abcdef01234567', entity = 'rookery' } = options;
  const state = options.state ?? createState(entity);
  const faults = new Faults();
  const requests: string[] = [];
  const schema = buildSchema(schemaText);
  let base = '';
  const server = createServer((request, response) => {
    answer({ state, faults, requests, schema, base, apiKey }, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ errors: [{ message: String(error) }] }));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: base, apiKey, entity, state, faults, requests, [Symbol.asyncDispose]: () => close(server) };
}

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

interface World {
  readonly state: WandbState;
  readonly faults: Faults;
  readonly requests: string[];
  readonly schema: GraphQLSchema;
  readonly base: string;
  readonly apiKey: string;
}

async function answer(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { state, faults, requests } = world;
  const body = await readBody(request);
  const path = new URL(request.url ?? '/', world.base).pathname;
  const query =
    path === '/graphql' && request.method === 'POST' ? (JSON.parse(body.toString()) as GraphqlBody) : undefined;
  const operation = query && (query.operationName || /(?:query|mutation)\s+(\w+)/.exec(query.query)?.[1]);
  requests.push(`${request.method} ${path}${operation ? ` ${operation}` : ''}`);
  const fault = faults.take(request, operation);
  if (fault && (await befall(fault, request, response))) return;
  const token = /^\/storage\/([0-9a-f]+)$/.exec(path)?.[1];
  if (token)
    return serveStorage(state, token, request, body, response, fault?.kind === 'cut' ? fault.afterBytes : undefined);
  if (!isAllowed(request, world.apiKey)) return json(response, 401, { errors: [{ message: 'invalid API key' }] });
  const respond = (status: number, value: unknown) => {
    if (fault?.kind === 'lost-answer') request.socket.destroy();
    else json(response, status, value);
  };
  if (query) {
    state.operations.push(operation ?? '');
    return respond(200, await runGraphql(world, query));
  }
  const [, entity = '', project = '', run = ''] = /^\/files\/([^/]+)\/([^/]+)\/([^/]+)\/file_stream$/.exec(path) ?? [];
  const streamed = state.runs.get(
    pathOf(decodeURIComponent(entity), decodeURIComponent(project), decodeURIComponent(run)),
  );
  if (run && !streamed) return json(response, 404, { error: 'run not found' });
  if (streamed) {
    appendToStream(streamed, JSON.parse(body.toString() || '{}'));
    return respond(200, { exitcode: null, limits: {} });
  }
  const artifactPath = path.split('/');
  if (artifactPath[1] === 'artifactsV2') {
    // /artifactsV2/{region}/{entity}/{project}/{collection}/[{artifact}/]{birth artifact}/{md5 in hexadecimal}/{name}
    const [hex = '', birth = ''] = [artifactPath.at(-2), artifactPath.at(-3)];
    const md5 = Buffer.from(hex, 'hex').toString('base64');
    const key = artifactFileKey(decodeURIComponent(birth), md5);
    return void response.writeHead(302, { location: presign(state, world.base, 'GET', key) }).end();
  }
  json(response, 404, { error: `nothing at ${path}` });
}

interface GraphqlBody {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Record<string, unknown> | null;
}

async function runGraphql({ schema, state, base }: World, body: GraphqlBody): Promise<unknown> {
  const views = createViews(state, base);
  const owner = (name: string | null | undefined) => name || state.entity;
  const project = ({ name, entityName }: { name?: string | null; entityName?: string | null }) =>
    views.project(owner(entityName), name ?? '');
  const root = {
    viewer: views.user,
    serverInfo: { cliVersionInfo: { max_cli_version: '99.0.0' }, latestLocalVersionInfo: null, features: [] },
    entity: ({ name }: { name?: string | null }) => views.entity(owner(name)),
    organization: views.organization,
    project,
    model: project,
    models: ({ entityName }: { entityName?: string | null }) =>
      connection(
        [...state.projects.keys()]
          .filter((path) => path.startsWith(`${owner(entityName)}/`))
          .map((path) => views.project(owner(entityName), path.split('/')[1] ?? '') as Record<string, unknown>),
      ),
    artifact: ({ id }: { id: string }) => views.artifact(id),
    artifactCollection: ({ id }: { id: string }) => views.collectionById(id),
    clientIDMapping: ({ clientID }: { clientID: string }) => {
      const found = [...state.artifacts.values()].find(({ clientId }) => clientId === clientID);
      return found ? { serverID: found.id } : null;
    },
    ...runMutations(state, base, views),
    ...artifactMutations(state, base, views),
  };
  const document = parse(body.query);
  const errors = validate(schema, document);
  if (errors.length > 0) return { errors: errors.map(({ message }) => ({ message })) };
  return execute({
    schema,
    document,
    rootValue: root,
    variableValues: body.variables,
    // The official client sends an empty name.
    operationName: body.operationName || undefined,
  });
}

/** True where the request is done with. */
async function befall(fault: Fault, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  switch (fault.kind) {
    case 'down':
      request.socket.destroy();
      return true;
    case 'black-hole':
      return true;
    case 'status':
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
      response.end(JSON.stringify({ errors: [{ message: `status ${fault.status}, as ordered` }] }));
      return true;
    case 'page':
      response.writeHead(fault.status, { 'content-type': 'text/html' }).end(fault.page);
      return true;
    case 'slow':
      await new Promise((resolve) => setTimeout(resolve, fault.delayMs).unref());
      return false;
    default:
      return false;
  }
}

function isAllowed(request: IncomingMessage, apiKey: string): boolean {
  const [scheme, credentials = ''] = (request.headers.authorization ?? '').split(' ');
  if (scheme === 'Bearer') return credentials === apiKey;
  return scheme === 'Basic' && Buffer.from(credentials, 'base64').toString() === `api:${apiKey}`;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

const json = (response: ServerResponse, status: number, value: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
