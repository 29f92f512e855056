import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';
import type { ZodTypeProvider } from '../http/zod-provider.ts';
import type { GrpcServer } from './grpc/start-grpc.ts';
import type { GrpcOptions } from './grpc-options.ts';
import { inferRoutes } from './http/infer-routes.ts';
import { modelRoutes } from './http/model-routes.ts';
import { protocolErrors } from './http/protocol-errors.ts';
import { repositoryRoutes } from './http/repository-routes.ts';
import { unsupportedRoutes } from './http/unsupported-routes.ts';
import { InferenceService } from './inference-service.ts';

/**
 * The Open Inference Protocol, version 2 (KServe, Triton): over HTTP below `/v2`, and over gRPC where that was asked for.
 * https://github.com/kserve/open-inference-protocol, https://github.com/triton-inference-server/server/tree/main/docs/protocol
 */
export async function openInference(app: ApiInstance, context: ApiContext): Promise<void> {
  const service = new InferenceService(context);
  await app.register(
    async (v2) => {
      protocolErrors(v2, context);
      const scoped = async (register: (scope: ApiInstance) => void) =>
        v2.register(async (scope) => register(scope.withTypeProvider<ZodTypeProvider>()));
      await scoped((scope) => modelRoutes(scope, service));
      await scoped((scope) => inferRoutes(scope, context, service));
      await scoped((scope) => repositoryRoutes(scope, service));
      await scoped(unsupportedRoutes);
    },
    { prefix: '/v2' },
  );
  if (context.grpc) overGrpc(app, context, service, context.grpc);
}

/** The same over gRPC, on a port of its own. What it is made of is loaded where it is asked for only. */
function overGrpc(app: ApiInstance, context: ApiContext, service: InferenceService, options: GrpcOptions): void {
  const { draining, log } = context;
  let grpc: GrpcServer | undefined;
  app.addHook('onReady', async () => {
    const { startGrpc } = await import('./grpc/start-grpc.ts');
    const started = await startGrpc(service, context, options);
    grpc = started;
    log.info({ address: started.address }, 'gRPC is listening');
    options.onListening?.(started.address);
    options.kill?.addEventListener('abort', () => started.kill(), { once: true });
    // Beside the rest of the service, not after it.
    // Streams and watchers say goodbye first: what a closing connection still carries may be lost on its way.
    draining.addEventListener('abort', () => void setImmediate(() => started.stop()), { once: true });
  });
  app.addHook('onClose', async () => grpc?.stop());
}
