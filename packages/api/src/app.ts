import { RookeryError } from '@rookery/contracts';
import type { ApiOptions } from './options.ts';
import { buildServer } from './server.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Also the Open Inference Protocol over gRPC, on the same host. 0: any that is free. */
  readonly grpcPort?: number | undefined;
}

/** The running service. */
export interface Api extends AsyncDisposable {
  /** `http://127.0.0.1:5000`. */
  readonly address: string;
  /** `127.0.0.1:5001`, where gRPC was asked for. */
  readonly grpcAddress: string | undefined;
  /** Is not ready any more, answers what it has inside the grace period, then closes. */
  stop(options?: { readonly graceMs: number }): Promise<void>;
}

/** Starts the service. @throws {RookeryError} CONFIG_INVALID where the port is taken or may not be used. */
export async function startApi(options: ApiOptions, { host, port, grpcPort }: ListenOptions): Promise<Api> {
  const draining = new AbortController();
  const killing = new AbortController();
  let grpcAddress: string | undefined;
  const onListening = (address: string): void => {
    grpcAddress = address;
  };
  const grpc = grpcPort === undefined ? undefined : { host, port: grpcPort, kill: killing.signal, onListening };
  const app = await buildServer({ ...options, ...(grpc && { grpc }) }, draining.signal);
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    throw cause instanceof RookeryError ? cause : listenError(cause, host, port);
  }
  let stopped: Promise<void> | undefined;
  const stop = ({ graceMs } = { graceMs: 25_000 }): Promise<void> => {
    stopped ??= (async () => {
      draining.abort(new RookeryError('ABORTED', { detail: 'the service is shutting down' }));
      const late = setTimeout(() => {
        app.server.closeAllConnections();
        killing.abort();
      }, graceMs);
      await app.close();
      clearTimeout(late);
    })();
    return stopped;
  };
  return { address: addressOf(app.server.address()), grpcAddress, stop, [Symbol.asyncDispose]: () => stop() };
}

function addressOf(address: ReturnType<import('node:net').Server['address']>): string {
  if (address === null || typeof address === 'string') return address ?? '';
  const { family, address: host, port } = address;
  return `http://${family === 'IPv6' ? `[${host}]` : host}:${port}`;
}

function listenError(cause: unknown, host: string, port: number): RookeryError {
  const { code } = cause as NodeJS.ErrnoException;
  const why =
    code === 'EADDRINUSE'
      ? 'something else listens there; --port chooses another one'
      : code === 'EACCES'
        ? 'this user may not listen there'
        : code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND'
          ? 'this machine has no such address'
          : String(cause);
  return new RookeryError('CONFIG_INVALID', { detail: `${host}:${port}: ${why}`, cause });
}
