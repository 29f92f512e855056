import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { RookeryError } from '@rookery/contracts';
import type { ApiContext } from '../../api-context.ts';
import type { InferenceService } from '../inference-service.ts';
import { guard } from './guard.ts';
import { inferenceHandlers } from './handlers.ts';
import { openMethods } from './open-methods.ts';
import { healthMethods, inferenceMethods } from './services.ts';

/** The protocol over gRPC, listening. */
export interface GrpcServer {
  /** `127.0.0.1:5001`. */
  readonly address: string;
  /** Takes no more calls; resolves when those in progress are answered. */
  stop(): Promise<void>;
  /** Ends calls in progress. */
  kill(): void;
}

/** @throws {RookeryError} CONFIG_INVALID where the port is taken or may not be used. */
export async function startGrpc(
  service: InferenceService,
  context: ApiContext,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<GrpcServer> {
  const { limits, draining } = context;
  const open = openMethods(service, draining);
  const server = new Server({
    interceptors: [guard(context, open)],
    'grpc.max_receive_message_length': limits.bodyBytes,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': 256,
    'grpc.max_metadata_size': limits.headerBytes,
    'grpc.max_connection_idle_ms': 5 * 60_000,
    'grpc.keepalive_time_ms': 60_000,
    'grpc.keepalive_timeout_ms': 20_000,
    'grpc.enable_channelz': 0,
  });
  server.addService(inferenceMethods, { ...answered(inferenceMethods), ...inferenceHandlers(service, context) });
  server.addService(healthMethods, answered(healthMethods));
  const hostname = host.includes(':') ? `[${host}]` : host;
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${hostname}:${port}`, ServerCredentials.createInsecure(), (error, chosen) => {
      if (error) {
        const detail = `gRPC on ${hostname}:${port}: ${error.message}`;
        reject(new RookeryError('CONFIG_INVALID', { detail, cause: error }));
      } else resolve(chosen);
    });
  });
  let stopped: Promise<void> | undefined;
  return {
    address: `${hostname}:${bound}`,
    stop() {
      stopped ??= new Promise((resolve) => server.tryShutdown(() => resolve()));
      return stopped;
    },
    kill: () => server.forceShutdown(),
  };
}

/** Handlers of methods that are answered before their handlers are asked. */
const answered = (methods: Readonly<Record<string, unknown>>): UntypedServiceImplementation =>
  Object.fromEntries(Object.keys(methods).map((name) => [name, () => undefined]));
