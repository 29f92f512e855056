import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WandbRunStart } from './messages.ts';
import type { Spool } from './spool.ts';

/** Stands for an entity that is not known before the server has said whose the key is. */
export const unknownEntity = '~';

export interface WandbProxy extends AsyncDisposable {
  readonly url: string;
}

/**
 * What the official client takes for the server: answers at once, on the loopback interface, and keeps what it was told. The client never sends
 * anything twice, so nothing may depend on the real server being there.
 */
export async function startProxy(spool: Spool, run: WandbRunStart, onChange: () => void): Promise<WandbProxy> {
  const server = createServer((request, response) => {
    answer(request, spool, run)
      .then((value) => json(response, 200, value))
      .catch((error: unknown) => json(response, 400, { errors: [{ message: String(error) }] }))
      .finally(onChange);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface GraphqlBody {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

async function answer(request: IncomingMessage, spool: Spool, run: WandbRunStart): Promise<unknown> {
  const body = await textOf(request);
  const path = request.url ?? '/';
  if (path !== '/graphql') {
    spool.add({ path, body }, linesOf(body));
    return {};
  }
  const { query, variables = {} } = JSON.parse(body) as GraphqlBody;
  const entity = run.options.entity ?? unknownEntity;
  if (/query\s+Viewer/.test(query)) return { data: { viewer: { id: '', entity, flags: '{}', teams: { edges: [] } } } };
  if (!/mutation\s+UpsertBucket/.test(query)) return { data: {} };
  // The client knows nothing of groups, tags and hosts; the mutation does.
  const { group, tags, host, notes, jobType = 'worker' } = run;
  const whole = { ...variables, groupName: group, tags, host, notes, jobType };
  spool.add({ path, body: JSON.stringify({ query, variables: whole }) }, 0);
  const { name, displayName, project } = variables;
  const bucket = { id: name, name, displayName, project: { id: '', name: project, entity: { id: '', name: entity } } };
  return { data: { upsertBucket: { bucket, inserted: true } } };
}

interface StreamBody {
  readonly files?: Readonly<Record<string, { readonly content?: readonly string[] }>>;
}

/** Of the history: what is lost where there is no room. */
function linesOf(body: string): number {
  const { files = {} } = JSON.parse(body) as StreamBody;
  return files['wandb-history.jsonl']?.content?.length ?? 0;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const json = (response: ServerResponse, status: number, value: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
