import { Agent, createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';

/** What happens to a share of the requests. */
export interface FaultRule {
  /** 0 to 1. Which requests are hit is decided by a seeded sequence, so that a run can be repeated. */
  share: number;
  /** Only requests of these methods. */
  methods?: readonly string[];
  /** Only requests whose path and query match. */
  path?: RegExp;
  /** At most this many requests. */
  times?: number;
  fault:
    | { kind: 'status'; status: number; code?: string; retryAfterSeconds?: number }
    /** The connection is reset before an answer. */
    | { kind: 'reset' }
    /** The request is carried out, and the connection reset instead of the answer. */
    | { kind: 'lost-answer' }
    /** No answer at all, the connection stays open. */
    | { kind: 'stall' }
    /** Half of the body, then nothing more. */
    | { kind: 'stall-half-way' }
    /** Half of the body, then a reset. */
    | { kind: 'cut-half-way' };
}

export interface S3FaultProxy extends AsyncDisposable {
  readonly endpoint: string;
  /** Replaces all rules; the first that hits a request decides. */
  set(rules: readonly FaultRule[]): void;
  /** Requests that came, by method, and those that were hit. Counted since the last `reset`. */
  readonly counts: { requests: number; faults: number; methods: Record<string, number> };
  resetCounts(): void;
  /** Is told of every request that comes: method and path with query. */
  onRequest: ((method: string, path: string) => void) | undefined;
}

/** Mulberry32: small, seeded, good enough to choose requests. */
function randomSequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const errorBody = (code: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>made by the fault proxy</Message></Error>`;

/** An HTTP proxy in front of an S3 server that breaks a share of the requests, under the test's control. */
export async function startS3FaultProxy(target: { endpoint: string; seed?: number }): Promise<S3FaultProxy> {
  const { hostname, port } = new URL(target.endpoint);
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const random = randomSequence(target.seed ?? 1);
  let rules: FaultRule[] = [];
  const counts = { requests: 0, faults: 0, methods: {} as Record<string, number> };

  const faultFor = (request: IncomingMessage): FaultRule['fault'] | undefined => {
    for (const rule of rules) {
      if (rule.methods && !rule.methods.includes(request.method ?? '')) continue;
      if (rule.path && !rule.path.test(request.url ?? '')) continue;
      if ((rule.times ?? 1) <= 0 || random() >= rule.share) continue;
      if (rule.times !== undefined) rule.times--;
      return rule.fault;
    }
    return undefined;
  };

  const forward = (request: IncomingMessage, response: ServerResponse, fault: FaultRule['fault'] | undefined): void => {
    const { method, url, headers } = request;
    // The headers as they came, Host included: they are signed.
    const upstream = httpRequest({ hostname, port, method, path: url, headers, agent, setHost: false }, (answer) => {
      if (fault?.kind === 'lost-answer') {
        answer.resume();
        answer.on('end', () => request.socket.resetAndDestroy());
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      if (fault?.kind !== 'stall-half-way' && fault?.kind !== 'cut-half-way') return void answer.pipe(response);
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        response.write(body.subarray(0, Math.floor(body.length / 2)), () => {
          if (fault.kind === 'cut-half-way') request.socket.resetAndDestroy();
        });
      });
    });
    upstream.on('error', () => request.socket.resetAndDestroy());
    response.on('close', () => upstream.destroy());
    request.pipe(upstream);
  };

  const server = createServer((request, response) => {
    counts.requests++;
    counts.methods[request.method ?? ''] = (counts.methods[request.method ?? ''] ?? 0) + 1;
    proxy.onRequest?.(request.method ?? '', request.url ?? '');
    const fault = faultFor(request);
    if (fault) counts.faults++;
    if (fault?.kind === 'reset') return void request.socket.resetAndDestroy();
    if (fault?.kind === 'stall') return void request.resume();
    if (fault?.kind !== 'status') return forward(request, response, fault);
    request.resume();
    request.on('end', () => {
      const code = fault.code ?? (fault.status === 503 ? 'SlowDown' : 'InternalError');
      const wait = fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) };
      response.writeHead(fault.status, { 'content-type': 'application/xml', ...wait }).end(errorBody(code));
    });
  });
  // The client decides how long a connection lives.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('no port');

  const proxy: S3FaultProxy = {
    endpoint: `http://127.0.0.1:${address.port}`,
    counts,
    onRequest: undefined,
    set: (wanted) => {
      rules = wanted.map((rule) => ({ ...rule }));
    },
    resetCounts: () => {
      counts.requests = 0;
      counts.faults = 0;
      counts.methods = {};
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      agent.destroy();
    },
  };
  return proxy;
}
