import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What happens to connections from now on, those that are open included. */
export interface TcpRules {
  /**
   * - pass: bytes go both ways;
   * - refuse: new connections are closed at once;
   * - black-hole: connections are accepted and stay open, and no byte goes either way.
   */
  mode: 'pass' | 'refuse' | 'black-hole';
  /** Each piece waits this long, in order. */
  delayMs: number;
  /** After this many bytes from the server a connection is reset in the middle of the answer. */
  cutAfterBytes: number;
}

export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Changes some rules and keeps the others. What a black hole has swallowed is lost: reset the connections after one. */
  set(rules: Partial<TcpRules>): void;
  /** Resets (RST) every open connection; new ones follow the rules. */
  resetAll(): void;
  /** Closes (FIN) every open connection. */
  dropAll(): void;
  /** Open connections, and how many there have been. */
  counts(): { open: number; total: number };
}

/** A TCP proxy in front of a server, under the test's control. */
export async function startTcpProxy(target: { host?: string; port: number; listen?: number }): Promise<TcpProxy> {
  const rules: TcpRules = { mode: 'pass', delayMs: 0, cutAfterBytes: Number.POSITIVE_INFINITY };
  const pairs = new Set<readonly [Socket, Socket]>();
  let total = 0;

  const forward = (from: Socket, to: Socket, fromServer: boolean): void => {
    let seen = 0;
    let tail: Promise<unknown> = Promise.resolve();
    const pass = (chunk: Buffer): void => {
      if (rules.mode === 'black-hole' || to.destroyed) return;
      const left = rules.cutAfterBytes - seen;
      seen += chunk.length;
      if (fromServer && chunk.length >= left) {
        to.write(chunk.subarray(0, Math.max(0, left)), () => {
          to.resetAndDestroy();
          from.resetAndDestroy();
        });
        return;
      }
      if (!to.write(chunk)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    };
    from.on('data', (chunk: Buffer) => {
      const { delayMs } = rules;
      if (delayMs === 0) tail = tail.then(() => pass(chunk));
      else tail = Promise.all([tail, sleep(delayMs)]).then(() => pass(chunk));
    });
    from.on('end', () => void tail.then(() => rules.mode !== 'black-hole' && to.end()));
    from.on('close', () => void tail.then(() => rules.mode !== 'black-hole' && to.destroy()));
    from.on('error', () => {});
  };

  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (rules.mode === 'refuse') return void client.destroy();
    total++;
    const upstream = connect({
      host: target.host ?? '127.0.0.1',
      port: target.port,
      allowHalfOpen: true,
      noDelay: true,
    });
    const pair = [client, upstream] as const;
    pairs.add(pair);
    client.on('close', () => pairs.delete(pair));
    upstream.on('error', () => client.resetAndDestroy());
    forward(client, upstream, false);
    forward(upstream, client, true);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(target.listen ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('no port');

  const each = (end: (socket: Socket) => void): void => {
    for (const pair of pairs) for (const socket of pair) end(socket);
    pairs.clear();
  };
  return {
    port: address.port,
    set: (changed) => void Object.assign(rules, changed),
    resetAll: () => each((socket) => socket.resetAndDestroy()),
    dropAll: () => each((socket) => socket.destroy()),
    counts: () => ({ open: pairs.size, total }),
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      each((socket) => socket.destroy());
      await closed;
    },
  };
}
